import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { parseRule } from '../../src/core/rule.ts'
import { appHere, listenHere } from '../helpers/listener-here.ts'
import { cloudEvents, deliver, signature, token } from '../helpers/listening.ts'
import { startHandler } from '../helpers/simulated.ts'
import { tempHome } from '../helpers/temp-home.ts'
import { type Ran, runCommand, type TestIoOptions } from '../helpers/test-io.ts'

let home: string
const otherToken = 'the-verifier-token-of-production'
beforeEach(async () => {
  home = tempHome()
  const app = { provider: 'quickbooks', clientId: 'id', hosts: {}, settings: {} }
  const store = appHere(home).store()
  await store.write('addApp', {
    ...app,
    name: 'quickbooks',
    env: 'sandbox',
    secrets: { webhook: token, client: 'client-secret-of-mine' },
  })
  await store.write('addApp', { ...app, name: 'qbo-live', env: 'production', secrets: { webhook: otherToken } })
})
const whs = (args: string, options: TestIoOptions = {}) =>
  runCommand(args.split(' '), { tty: true, columns: 100, ...options, env: { WHS_HOME: home, ...options.env } })

/** Nothing that whs holds is shown, and all of it fits a screen. */
function isFit({ code, out, err }: Ran): void {
  expect(code, err).toBe(0)
  for (const secret of [token, otherToken, 'client-secret-of-mine']) expect(out).not.toContain(secret)
  expect(out.trimEnd().split('\n').length).toBeLessThanOrEqual(24)
}

test('an event: what proved it, where whose it is stands, by which row, and how its handler answered', async () => {
  const handler = await startHandler()
  onTestFinished(() => handler.close())
  await whs('tenants map acme --app quickbooks --account 1')
  const { ready } = await listenHere(home, { rules: [parseRule(handler.url)] })
  await deliver(ready.url, cloudEvents(['1']))
  await expect.poll(async () => (await whs('events')).out).toContain('→ 200')
  const ran = await whs('explain last')
  isFit(ran)
  expect(ran.out).toMatch(/received +\S+ at quickbooks \(sandbox\), answered 200/)
  expect(ran.out).toMatch(/verified +header intuit-signature, HMAC-SHA256 in base64 over the exact body/)
  expect(ran.out).toMatch(/by +the webhook secret [0-9a-f]{8} of quickbooks \(sandbox\), stored /)
  expect(ran.out).toMatch(/body +\d+ bytes {2}\[\{"specversion":"1\.0"/)
  expect(ran.out).toMatch(/split +1 item by \$\[\*\], this one at \/0/)
  expect(ran.out).toMatch(/account +realmId 1 at \/0\/intuitaccountid → acme/)
  expect(ran.out).toMatch(/mapping +mapped to acme by hand/)
  expect(ran.out).toMatch(/attempt 1 .*→ 200/)
  const [record] = (await whs('explain last', { tty: false })).records
  expect(record).toMatchObject({
    type: 'explanation',
    of: 'event',
    tenant: 'acme',
    answer: { status: 200 },
    proof: { scheme: 'HMAC-SHA256', parts: [{ name: 'body' }] },
    accounts: [{ value: '1', place: '/0/intuitaccountid', tenants: ['acme'], decided: true }],
    forwards: [{ status: 200, attempt: 1 }],
  })
  const { deliveryId: delivery } = record as { deliveryId: string }
  const whole = await whs(`explain ${delivery}`)
  isFit(whole)
  expect(whole.out).toMatch(/acme +invoice\.updated +1 at \/0\/intuitaccountid/)
  expect((await whs(`explain ${delivery}`, { tty: false })).records).toMatchObject([
    { of: 'delivery', events: [{ tenant: 'acme' }] },
  ])
})

test('a parked event says what was read and the command that claims it', async () => {
  const { ready } = await listenHere(home)
  await deliver(ready.url, cloudEvents(['77']))
  const ran = await whs('explain last')
  isFit(ran)
  expect(ran.out).toMatch(/claim it +whs tenants map <tenant> --app quickbooks --account 77/)
  expect(ran.out).toMatch(/realmId 77 at \/0\/intuitaccountid → nobody/)
  expect(ran.out).toMatch(/mapping +none: nobody here has this account/)
  expect(ran.out).toMatch(/forwarded +no: what is parked goes nowhere until it is claimed/)
})

test('a rejected request: whose secret it is, what changed the body, and what was tried in vain', async () => {
  const { ready } = await listenHere(home)
  const body = cloudEvents(['1'])
  const explained = async (sign: string, sent: string | Uint8Array = body): Promise<Ran> => {
    await deliver(ready.url, sent, sign)
    const ran = await whs('explain last-rejected')
    isFit(ran)
    return ran
  }
  expect((await explained(signature(body, otherToken))).out).toMatch(
    /found +it is signed as a delivery of qbo-live \(QuickBooks Online, production\), and came to the\s+callback URL of\s+quickbooks[^]*by the webhook secret [0-9a-f]{8} of qbo-live/,
  )
  const swapped = await explained(signature(body, 'client-secret-of-mine'))
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
  const { ready } = await listenHere(home)
  await whs('app set quickbooks --webhook-secret - --keep-old 0', { tty: false, stdin: 'quite-another-token\n' })
  await deliver(ready.url, cloudEvents(['1']))
  const ran = await whs('explain last-rejected')
  isFit(ran)
  expect(ran.out).toMatch(/found +it is the webhook secret [0-9a-f]{8} of quickbooks \(sandbox\), which was replaced/)
})

test('an id that nothing has', async () => {
  expect((await whs('explain ZZZZZZ')).code).toBe(5)
})
