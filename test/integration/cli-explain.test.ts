import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { parseRule } from '../../src/core/rule.ts'
import { type Explaining, expectFit, openExplaining } from '../helpers/explaining.ts'
import { listenHere } from '../helpers/listener-here.ts'
import { cloudEvents, deliver } from '../helpers/listening.ts'
import { startHandler } from '../helpers/simulated.ts'

let at: Explaining
beforeEach(async () => {
  at = await openExplaining()
})
const whs: Explaining['whs'] = (args, options) => at.whs(args, options)

test('an event: what proved it, where whose it is stands, by which row, and how its handler answered', async () => {
  const handler = await startHandler()
  onTestFinished(() => handler.close())
  await whs('tenants map acme --app quickbooks --account 1')
  const { ready } = await listenHere(at.home, { rules: [parseRule(handler.url)] })
  await deliver(ready.url, cloudEvents(['1']))
  await expect.poll(async () => (await whs('events')).out).toContain('→ 200')
  const ran = await whs('explain last')
  expectFit(ran)
  expect(ran.out).toMatch(/received +\S+ at quickbooks \(sandbox\), answered 200/)
  expect(ran.out).toMatch(/verified +header intuit-signature, HMAC-SHA256 in base64 over the exact body/)
  expect(ran.out).toMatch(/by +the webhook secret [0-9a-f]{8} of quickbooks \(sandbox\), stored\s/)
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
  expectFit(whole)
  expect(whole.out).toMatch(/acme +invoice\.updated +1 at \/0\/intuitaccountid/)
  expect((await whs(`explain ${delivery}`, { tty: false })).records).toMatchObject([
    { of: 'delivery', events: [{ tenant: 'acme' }] },
  ])
})

const acmeRule = 'tenant=acme,event=invoice.*,to='

test('the rule that chose the target, three attempts and their comparison fit a screen of 24 lines and 80 columns', async () => {
  const answers = [404, 404, 200]
  const said = '{"error":"duplicate key value violates unique constraint \\"invoices_pkey\\""}'
  const handler = await startHandler(number => ({ status: answers[number - 1] ?? 200, body: said }))
  onTestFinished(() => handler.close())
  await whs('tenants map acme --app quickbooks --account 9341453900000001234')
  await listenHere(at.home, { rules: [parseRule(`${acmeRule}${handler.url}`)] }).then(({ ready }) =>
    deliver(ready.url, cloudEvents(['9341453900000001234', '2'])),
  )
  await handler.count(1)
  const [event] = (await whs('events list --tenant acme', { tty: false })).records
  const id = String(event?.id)
  await expect.poll(async () => (await whs('events')).out).toContain('→ 404')
  for (let times = 0; times < 2; times++) await whs(`replay ${id}`)
  const ran = await whs(`explain ${id}`)
  expectFit(ran)
  const url = handler.url.replaceAll('.', '\\.')
  expect(ran.out).toMatch(new RegExp(`forward +${url} +by rule\\s+tenant=acme,event=invoice\\.\\*,to=${url}\\n`))
  expect(ran.out.match(/^attempt \d .*→ /gm)).toHaveLength(3)
  expect(ran.out).toMatch(/compared +fixed since attempt 3\n +attempt 2 +attempt 3\nstatus +404 +200\n/)
  expect(ran.out.split('\n').every(line => line.length <= 80 || !line.trim().includes(' '))).toBe(true)
  const whole = await whs(`explain ${String(event?.deliveryId)}`)
  expectFit(whole)
  expect(whole.out).toMatch(/compared +fixed since attempt 3\n/)
  expect((await whs(`explain ${id}`, { tty: false })).records).toMatchObject([
    {
      routes: [{ to: handler.url, rule: `${acmeRule}${handler.url}`, state: 'done', waits: null }],
      compared: [{ verdict: 'fixed since attempt 3' }],
    },
  ])
  expect((await whs(`events show ${id}`)).out).toMatch(/forward +\S+ +by rule/)
})

test('an event that no rule took: each rule, and what of the event does not fit it', async () => {
  await whs('tenants map acme --app quickbooks --account 1')
  const rules = ['tenant=globex,to=3001', 'event=customer.*,to=3002', 'scope=app,to=3003']
  const { ready } = await listenHere(at.home, { rules: rules.map(rule => parseRule(rule)) })
  await deliver(ready.url, cloudEvents(['1']))
  const ran = await whs('explain last')
  expectFit(ran)
  expect(ran.out).toMatch(/forwarded +no: no --forward rule took it\n/)
  expect(ran.out).toMatch(/rule +tenant=globex,to=3001: its tenant is acme\n/)
  expect(ran.out).toMatch(/rule +event=customer\.\*,to=3002: its event is invoice\.updated\n/)
  expect(ran.out).toMatch(
    /rule +scope=app,to=3003: its scope is tenant, which a rule must ask for\s+\(scope=tenant\)\n/,
  )
  expect((await whs('explain last', { tty: false })).records).toMatchObject([
    { routes: [], notSent: { why: 'no --forward rule took it', rules: [{ why: 'its tenant is acme' }, {}, {}] } },
  ])
})

test('an event that came before a rule, and one that the listener was told not to look at', async () => {
  await whs('tenants map acme --app quickbooks --account 1')
  const without = await listenHere(at.home)
  await deliver(without.ready.url, cloudEvents(['1']))
  expect((await whs('explain last')).out).toMatch(/forwarded +no: the last listener had no --forward rule\n/)
  await without.stop('over')
  const later = await listenHere(at.home, { rules: [parseRule('3001')], filter: { tenant: ['acme'] } })
  expect((await whs('explain last')).out).toMatch(
    /no rule took it when it came; by the rules of now it would\s+go to\s+http:\/\/localhost:3001\/: whs replay evt_/,
  )
  await whs('tenants map globex --app quickbooks --account 2')
  await deliver(later.ready.url, cloudEvents(['2']))
  expect((await whs('explain last')).out).toMatch(/forwarded +no: the listener looks only at --tenant acme\n/)
})

test('an event whose target is down is held, and that is said; without a listener, that nobody sends it', async () => {
  await whs('tenants map acme --app quickbooks --account 1')
  const handler = await startHandler()
  const { host } = new URL(handler.url)
  await handler.close()
  const { ready, stop } = await listenHere(at.home, { rules: [parseRule(handler.url)] })
  await deliver(ready.url, cloudEvents(['1']))
  const held = `held: nothing listens at ${host}; it goes out in order when it is back`
  for (const command of ['explain last', 'events show last']) {
    expect((await whs(command)).out.replace(/\n +/g, ' ')).toContain(`by rule ${handler.url}  ${held}`)
  }
  expect((await whs('explain last', { tty: false })).records).toMatchObject([
    { routes: [{ state: 'open', waits: held }] },
  ])
  expect((await whs('wait --handled --timeout 0')).err).toContain(`held: nothing listens at ${host}`)
  await stop('over')
  expect((await whs('explain last')).out.replace(/\n +/g, ' ')).toContain('nobody listens: whs listen sends it')
})

test('a parked event says what was read and the command that claims it', async () => {
  const { ready } = await listenHere(at.home)
  await deliver(ready.url, cloudEvents(['77']))
  const ran = await whs('explain last')
  expectFit(ran)
  expect(ran.out).toMatch(/claim it +whs tenants map <tenant> --app quickbooks --account 77/)
  expect(ran.out).toMatch(/realmId 77 at \/0\/intuitaccountid → nobody/)
  expect(ran.out).toMatch(/mapping +none: nobody here has this account/)
  expect(ran.out).toMatch(/forwarded +no: what is parked goes nowhere until it is claimed/)
})

test('an id that nothing has', async () => {
  expect((await whs('explain ZZZZZZ')).code).toBe(5)
})
