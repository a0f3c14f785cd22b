import { createHash } from 'node:crypto'
import { type Html, html } from '../../core/html.ts'
import type { Reply } from '../../net/door.ts'
import { pageStyle } from './page-style.ts'

export interface Page {
  status: number
  title: string
  /** `narrow`: one card in the middle; `wide`: a dashboard. */
  width: 'narrow' | 'wide'
  body: Html
}

const styleHash = createHash('sha256').update(pageStyle).digest('base64')

/** A page of the simulator: self-contained, without script, framed by nobody. */
export function pageReply({ status, title, width, body }: Page): Reply {
  const markup = html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${{ markup: icon }}">
<style>${{ markup: pageStyle }}</style>
</head>
<body class="${width}">
<p class="banner"><b>Simulator</b> made-up companies on this machine, a part of whs</p>
${body}
</body>
</html>`
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      // No form-action: Chrome holds the redirects after a post to it as well, and a consent leads to the app.
      'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; base-uri 'none'; frame-ancestors 'none'`,
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
    body: `<!doctype html>\n${markup.markup}\n`,
  }
}

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%23544bc4'/%3E%3Cpath d='M4 5h8M4 8h8M4 11h5' fill='none' stroke='white' stroke-width='1.6'/%3E%3C/svg%3E"
