import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { pageReply } from '../../../src/connect/page.ts'
import { html } from '../../../src/core/html.ts'

const evil = `<img src=x onerror="alert('1')">&\u202eabc\u001b[31m`

test('values are escaped, and control and bidirectional characters are made visible', () => {
  const { markup } = html`<p title="${evil}">${evil}</p>`
  const escaped = '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;·abc·[31m'
  expect(markup).toBe(`<p title="${escaped}">${escaped}</p>`)
})

test('markup inside markup is kept, lists are joined, numbers are shown', () => {
  expect(html`<ul>${['<', '>'].map(text => html`<li>${text}</li>`)}${3}</ul>`.markup).toBe(
    '<ul><li>&lt;</li><li>&gt;</li>3</ul>',
  )
})

test('every text of a page is escaped, and the policy allows its one style and no script', () => {
  const { headers, body } = pageReply({
    status: 200,
    mark: 'ask',
    title: evil,
    lead: evil,
    facts: [
      { name: evil, value: evil, chip: evil },
      { name: 'code', value: evil, code: true },
    ],
    button: evil,
    notes: [evil],
  })
  expect(body).not.toMatch(/<img|<script|onerror="/)
  expect(String(body).match(/&lt;img/g)).toHaveLength(9)
  const style = /<style>([^]*)<\/style>/.exec(String(body))?.[1] as string
  const policy = headers?.['content-security-policy'] ?? ''
  expect(policy).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`)
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('script-src')
  expect(policy).toContain("form-action 'self' https:;")
})

test('a page without a button lets no form go anywhere', () => {
  const { headers } = pageReply({ status: 200, mark: 'done', title: 'a', lead: 'b' })
  expect(headers?.['content-security-policy']).toContain("form-action 'none'")
})
