import { createHash } from 'node:crypto'
import { type Html, html } from '../core/html.ts'
import type { Reply } from '../net/door.ts'
import { pageStyle } from './page-style.ts'

export type PageMark = 'ask' | 'done' | 'wait' | 'stop'

/** One page of a consent: what happened, what it means, the facts, what to do. */
export interface Page {
  status: number
  mark: PageMark
  title: string
  lead: string
  facts?: { name: string; value: string; code?: boolean; chip?: string }[]
  /** A button that posts to the page's own address. */
  button?: string
  /** Where the post may lead besides this origin and https (a provider on this machine). */
  formTo?: string
  notes?: string[]
  /** Loads itself again after so many seconds. */
  refreshSeconds?: number
}

const styleHash = createHash('sha256').update(pageStyle).digest('base64')

/**
 * A page as an answer of the public door: self-contained, without script, kept by nobody, framed by nobody, and telling
 * nobody where it came from.
 */
export function pageReply(page: Page): Reply {
  // Chrome holds the redirects after a post to form-action as well, and a provider may send the browser on.
  const formAction = page.button ? `'self' https: ${page.formTo ?? ''}`.trim() : "'none'"
  return {
    status: page.status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': [
        "default-src 'none'",
        `style-src 'sha256-${styleHash}'`,
        'img-src data:',
        `form-action ${formAction}`,
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex',
    },
    body: `<!doctype html>\n${markupOf(page).markup}\n`,
  }
}

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%232f6f5e'/%3E%3Cpath d='M4 8h8M9 5l3 3-3 3' fill='none' stroke='white' stroke-width='1.6'/%3E%3C/svg%3E"

function markupOf(page: Page): Html {
  const { title, lead, facts = [], button, notes = [], refreshSeconds } = page
  return html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refreshSeconds ? html`<meta http-equiv="refresh" content="${refreshSeconds}">\n` : ''}<title>${title}</title>
<link rel="icon" href="${{ markup: icon }}">
<style>${{ markup: pageStyle }}</style>
</head>
<body>
<main class="${page.mark}">
${marks[page.mark]}
<h1>${title}</h1>
<p class="lead">${lead}</p>
${facts.length > 0 ? html`${factList(facts)}\n` : ''}${button ? html`<form method="post"><button type="submit">${button}${arrow}</button></form>\n` : ''}${notes.map(note => html`<p class="note">${note}</p>\n`)}</main>
<footer><b>whs</b> webhooks of many tenants</footer>
</body>
</html>`
}

function factList(facts: NonNullable<Page['facts']>): Html {
  const rows = facts.map(({ name, value, code, chip }) => {
    const shown = code ? html`<code>${breakable(value)}</code>` : html`${value}`
    return html`<div><dt>${name}</dt><dd>${shown}${chip ? html` <span class="chip">${chip}</span>` : ''}</dd></div>`
  })
  return html`<dl>${rows}</dl>`
}

/** Long names of scopes and hosts break behind their dots. */
function breakable(text: string): Html[] {
  return text.split(/(?<=\.)/).map((piece, index) => (index === 0 ? html`${piece}` : html`<wbr>${piece}`))
}

const arrow = html`<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M4 10h12m-5-5 5 5-5 5"/></svg>`

const marks: Record<PageMark, Html> = {
  ask: html`<svg class="mark" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="24"/><path d="M20 28.5 28.5 20M22 17l3-3a6.4 6.4 0 0 1 9 9l-3 3m-5 5-3 3a6.4 6.4 0 0 1-9-9l3-3"/></svg>`,
  done: html`<svg class="mark" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="24"/><path d="m15 25 6.5 6.5L34 18"/></svg>`,
  wait: html`<svg class="mark" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="24"/><path class="turn" d="M24 13a11 11 0 1 1-11 11"/></svg>`,
  stop: html`<svg class="mark" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="24"/><path d="M24 14v12m0 7v.5"/></svg>`,
}
