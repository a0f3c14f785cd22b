import { createHmac } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { clientSecret, type Explaining, openExplaining, otherToken } from '../helpers/explaining.ts'
import { listenHere } from '../helpers/listener-here.ts'
import { cloudEvents, deliver, signature } from '../helpers/listening.ts'
import type { Ran } from '../helpers/test-io.ts'

let at: Explaining
beforeEach(async () => {
  at = await openExplaining()
})
const whs: Explaining['whs'] = (args, options) => at.whs(args, options)

test('a URL that was signed is named in a command that can be typed as it stands', async () => {
  await at.addApp('square', { webhook: 'square-key' })
  const { ready } = await listenHere(at.home)
  const body = '{"merchant_id":"M1","type":"payment.updated"}'
  const send = async (signed: string): Promise<Ran> => {
    const sign = createHmac('sha256', 'square-key')
      .update(signed + body)
      .digest('base64')
    const headers = { 'content-type': 'application/json', 'x-square-hmacsha256-signature': sign }
    await fetch(`${ready.url}/hooks/square`, { method: 'POST', headers, body })
    return at.explainedLast()
  }
  const registered = ready.url.replace('http:', 'https:')
  expect((await send(`${registered}/hooks/square`)).out).toMatch(
    new RegExp(`next +whs app set square --set callback=${registered}/hooks/square +\\(or correct the `),
  )
  const slash = await send(`${ready.url}/hooks/square/`)
  expect(slash.out).toContain('(a slash at the end)')
  expect(slash.out).toMatch(/next +correct the .* in the portal: whs status shows the right one/)
})

test('a time in milliseconds where seconds are wanted is said as that, and no clock is blamed', async () => {
  await at.addApp('slack', { webhook: 'slack-signing' })
  const { ready } = await listenHere(at.home)
  const body = '{"type":"event_callback","team_id":"T1","event":{"type":"message"}}'
  const send = async (time: string): Promise<Ran> => {
    const sign = createHmac('sha256', 'slack-signing').update(`v0:${time}:${body}`).digest('hex')
    const headers = {
      'content-type': 'application/json',
      'x-slack-request-timestamp': time,
      'x-slack-signature': `v0=${sign}`,
    }
    await fetch(`${ready.url}/hooks/slack`, { method: 'POST', headers, body })
    return at.explainedLast()
  }
  const ms = await send(String(Date.now()))
  expect(ms.out).toMatch(/reason +malformed-header: its time is written in milliseconds, seconds are wanted\n/)
  expect(ms.out).toMatch(/found +its time is written in milliseconds, seconds are wanted\n/)
  expect(ms.out).toMatch(/next +whoever sends it does not sign as the provider does: whs providers show slack\n/)
  expect(ms.out).not.toContain('clock')
  const old = await send(String(Math.floor(Date.now() / 1000) - 7_200))
  expect(old.out).toMatch(
    /found +it was signed 2 h before it came \(5 min are allowed\); the signature itself is right/,
  )
  expect(old.out).toMatch(/next +let the provider send it anew; whs doctor compares this machine’s clock/)
})

test('a signature header that cannot be read, or did not come: which part of it, and nothing is said to have been tried', async () => {
  const { ready } = await listenHere(at.home)
  const body = cloudEvents(['1'])
  await deliver(ready.url, body, 'garbage!')
  const garbled = await at.explainedLast()
  expect(garbled.out).toMatch(
    /seen +header intuit-signature: the signature is no base64; it is "garbage!" \(8 bytes\)\n/,
  )
  expect(garbled.out).toMatch(/next +whoever sends it does not sign as the provider does/)
  expect(garbled.out).not.toMatch(/^tried/m)
  await deliver(ready.url, body, signature(body).slice(4))
  expect((await at.explainedLast()).out).toMatch(
    /seen +header intuit-signature: the signature has 29 bytes, HMAC-SHA256 makes 32; it begins "/,
  )
  await fetch(`${ready.url}/hooks/quickbooks`, { method: 'POST', headers: { 'x-signature': 'abc' }, body })
  const missing = await at.explainedLast()
  expect(missing.out).toMatch(/seen +header intuit-signature is missing; x-signature came\n/)
  expect(missing.out).toMatch(
    /next +whoever sends it does not sign it, or what stands before whs drops the header: whs providers show/,
  )
})

test('a rejected request: whose secret it is, what changed the body, and what was tried in vain', async () => {
  const { ready } = await listenHere(at.home)
  const body = cloudEvents(['1'])
  const explained = async (sign: string, sent: string | Uint8Array = body): Promise<Ran> => {
    await deliver(ready.url, sent, sign)
    return at.explainedLast()
  }
  expect((await explained(signature(body, otherToken))).out).toMatch(
    /found +it is signed as a delivery of qbo-live \(QuickBooks Online, production\), and came to the\s+callback URL of\s+quickbooks[^]*by the webhook secret [0-9a-f]{8} of qbo-live/,
  )
  const swapped = await explained(signature(body, clientSecret))
  expect(swapped.out).toMatch(
    /found +it is the client secret [0-9a-f]{8} of quickbooks \(sandbox\), where the webhook secret/,
  )
  expect(swapped.out).toMatch(/next +whs app set quickbooks --secret webhook=-/)
  expect((await explained(signature(body), `${body}\n`)).out).toMatch(
    /found +what was signed is the body without the line end/,
  )
  const pretty = JSON.stringify(JSON.parse(body), null, 2)
  expect((await explained(signature(body), pretty)).out).toMatch(/found +what was signed is the same JSON compact/)
  const hex = Buffer.from(signature(body), 'base64').toString('hex')
  expect((await explained(hex)).out).toMatch(/found +the signature is written in hex, base64 is wanted/)
  const forged = await explained(signature(body, 'nobody knows this'))
  expect(forged.out).not.toMatch(/^found/m)
  expect(forged.out).toMatch(/tried +the secrets of quickbooks, qbo-live, .*none of it matches/s)
  expect(forged.out).toMatch(/next +copy the secret from the portal again: .*app set quickbooks --secret webhook=-/)
  const [record] = (await whs('explain last-rejected', { tty: false })).records
  expect(record).toMatchObject({ of: 'rejected', reason: 'wrong-secret', diagnosis: { findings: [], complete: true } })
})

test('a secret that was replaced is known again', async () => {
  const { ready } = await listenHere(at.home)
  await whs('app set quickbooks --webhook-secret - --keep-old 0', { tty: false, stdin: 'quite-another-token\n' })
  await deliver(ready.url, cloudEvents(['1']))
  const ran = await at.explainedLast()
  expect(ran.out).toMatch(/found +it is the webhook secret [0-9a-f]{8} of quickbooks \(sandbox\), which was replaced/)
})
