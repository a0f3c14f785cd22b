import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { parseRule } from '../../src/core/rule.ts'
import { listenHere } from '../helpers/listener-here.ts'
import { cloudEvents, deliver, prepareHome } from '../helpers/listening.ts'
import { startHandler } from '../helpers/simulated.ts'
import { type Ran, runCommand, type TestIoOptions } from '../helpers/test-io.ts'

let home: string
beforeEach(async () => {
  home = await prepareHome()
})
const whs = (args: string, options: TestIoOptions = {}): Promise<Ran> =>
  runCommand(args.split(' '), { ...options, env: { WHS_HOME: home, ...options.env } })
const error = ({ err }: Ran): Record<string, string> => JSON.parse(err) as Record<string, string>

async function handlerThatSays(status: number) {
  let says = status
  const handler = await startHandler(() => says)
  onTestFinished(() => handler.close())
  const { ready } = await listenHere(home, { rules: [parseRule(handler.url)] })
  const say = (other: number): void => {
    says = other
  }
  return { url: ready.url, handler, say }
}

test('what came since the listener began is there at once; what an earlier one brought is not meant', async () => {
  const first = await listenHere(home)
  await deliver(first.ready.url, cloudEvents(['1']))
  expect((await whs('wait --tenant acme --timeout 0')).records).toMatchObject([{ type: 'event', tenant: 'acme' }])
  await first.stop('over')
  await listenHere(home)
  const ran = await whs('wait --tenant acme --timeout 0')
  expect(ran).toMatchObject({ code: 9, out: '' })
  expect(error(ran)).toMatchObject({ code: 'time-ran-out', why: 'nothing came at all', next: 'whs events' })
  expect((await whs('wait --tenant acme --timeout 0 --since 1h')).code).toBe(0)
})

test('it waits for what comes, so many, and only behind what is named', async () => {
  const { ready } = await listenHere(home)
  await deliver(ready.url, cloudEvents(['1']))
  const [before] = (await whs('wait --timeout 0')).records
  const waiting = whs(`wait --tenant acme --count 2 --after ${String(before?.id)} --timeout 20s`)
  await deliver(ready.url, cloudEvents(['2', '1']))
  await deliver(ready.url, cloudEvents(['1']))
  const { code, records } = await waiting
  expect([code, records.map(({ tenant }) => tenant)]).toEqual([0, ['acme', 'acme']])
  expect(records.map(({ id }) => id)).not.toContain(before?.id)
})

test('an event that was parked when it came is found once it is claimed', async () => {
  const { ready } = await listenHere(home)
  await deliver(ready.url, cloudEvents(['3']))
  const waiting = whs('wait --tenant initech --timeout 20s')
  expect((await whs('wait --parked --timeout 0')).records).toMatchObject([{ scope: 'parked', account: '3' }])
  await whs('tenants map initech --app quickbooks --account 3')
  expect(await waiting).toMatchObject({ code: 0, records: [{ tenant: 'initech', account: '3' }] })
})

test('time runs out: exit 9, with what did come and what of it does not fit', async () => {
  const { ready } = await listenHere(home)
  await deliver(ready.url, cloudEvents(['2', '3']))
  await deliver(ready.url, cloudEvents(['1']), 'wrong')
  const ran = await whs('wait --tenant acme --event invoice.* --count 2 --timeout 100ms')
  expect(ran.code).toBe(9)
  const { what, why } = error(ran)
  expect(what).toBe('0 of 2 came within 100 ms')
  expect(why).toMatch(/invoice\.updated \w{6} has --tenant globex/)
  expect(why).toMatch(/invoice\.updated \w{6} is parked: nobody owns its account/)
  expect(why).toContain('1 request did not verify: wrong-secret at quickbooks')
})

test('a word of the filter that there is none of is named at once, and again when the time has run out', async () => {
  const { ready } = await listenHere(home)
  await deliver(ready.url, cloudEvents(['1']))
  const cases = [
    ['--tenant acmee', 'there is no tenant acmee: did you mean acme?'],
    ['--app quickbook', 'there is no app quickbook: did you mean quickbooks?'],
    ['--provider quickboks', 'there is no provider quickboks: did you mean quickbooks?'],
    ['--provider shopify', 'no app of shopify is set up'],
    ['--event invoice.updatd', 'no event invoice.updatd is known of quickbooks: did you mean invoice.updated?'],
    ['--rejected --app quickbook', 'there is no app quickbook: did you mean quickbooks?'],
  ] as const
  for (const [filter, clause] of cases) {
    const { code, err } = await whs(`wait ${filter} --timeout 0`)
    const [note, failure = ''] = err.split('\n')
    expect([filter, code, note]).toEqual([filter, 9, `note   ${clause}`])
    expect((JSON.parse(failure) as { why: string }).why).toContain(clause)
  }
  expect((await whs('wait --tenant acme --event invoice.* --timeout 0')).err).toBe('')
})

test('nobody listens: said, when the time has run out', async () => {
  expect(error(await whs('wait --timeout 50ms'))).toMatchObject({
    what: 'no event came within 50 ms',
    why: 'nobody listens; nothing came at all',
    next: 'whs listen',
  })
})

test('a rejected request is waited for as such', async () => {
  const { ready } = await listenHere(home)
  const waiting = whs('wait --rejected --app quickbooks --timeout 20s')
  await deliver(ready.url, cloudEvents(['1']), 'wrong')
  expect((await waiting).records).toMatchObject([{ type: 'rejected', reason: 'wrong-secret' }])
  expect(error(await whs('wait --rejected --after last-rejected --timeout 0'))).toMatchObject({
    what: 'no rejected request came within 0 ms',
    why: 'all that came verified',
  })
})

test('--handled: once the handler said 2xx, with its answer', async () => {
  const { url } = await handlerThatSays(204)
  const waiting = whs('wait --handled --timeout 20s')
  await deliver(url, cloudEvents(['1']))
  const { code, records } = await waiting
  expect(code).toBe(0)
  expect(records).toMatchObject([{ type: 'event' }, { type: 'forward', status: 204 }])
})

test('--handled: a last word that is not 2xx is exit 8, and a replay that was taken mends it', async () => {
  const { url, say } = await handlerThatSays(404)
  const waiting = whs('wait --handled --timeout 20s')
  await deliver(url, cloudEvents(['1']))
  expect(await waiting).toMatchObject({ code: 8, records: [{ type: 'event' }, { status: 404 }] })
  expect((await whs('wait --failed --timeout 0')).code).toBe(0)
  say(200)
  expect((await whs('replay last')).code).toBe(0)
  expect((await whs('wait --handled --timeout 0')).code).toBe(0)
})

test('--handled: a replay that was changed, or that another target took, is not the handler’s word on the event', async () => {
  const { url, say } = await handlerThatSays(404)
  await deliver(url, cloudEvents(['1']))
  await expect.poll(async () => (await whs('events')).out).toContain('"state":"final"')
  say(200)
  expect(await whs('replay last --as-tenant globex')).toMatchObject({ code: 0 })
  expect(await whs('wait --handled --timeout 0')).toMatchObject({ code: 8 })
  const elsewhere = await startHandler()
  onTestFinished(() => elsewhere.close())
  expect(await whs(`replay last --to ${elsewhere.url}`)).toMatchObject({ code: 0 })
  expect(await whs('wait --handled --timeout 0')).toMatchObject({ code: 8 })
  expect(await whs('replay last --keep-signature')).toMatchObject({ code: 0 })
  expect(await whs('wait --handled --timeout 0')).toMatchObject({ code: 0 })
})

test('--handled: of an event that no rule takes, any target’s 2xx to it as it came is the handler’s word', async () => {
  const { ready } = await listenHere(home)
  await deliver(ready.url, cloudEvents(['1']))
  const handler = await startHandler()
  onTestFinished(() => handler.close())
  await whs(`replay last --to ${handler.url} --as-tenant globex`)
  expect((await whs('wait --handled --timeout 0')).code).toBe(9)
  await whs(`replay last --to ${handler.url}`)
  expect(await whs('wait --handled --timeout 0')).toMatchObject({ code: 0 })
})

test('--handled: what is tried again is waited for, and told when the time runs out', async () => {
  const { url, handler } = await handlerThatSays(500)
  await deliver(url, cloudEvents(['1']))
  await handler.count(1)
  await expect.poll(async () => error(await whs('wait --handled --timeout 0')).why).toContain('was answered 500')
  const { code, what, why } = error(await whs('wait --handled --timeout 0'))
  expect([code, what]).toEqual(['time-ran-out', 'the handler did not take it within 0 ms'])
  expect(why).toMatch(/^invoice\.updated \w{6} was answered 500 and is tried again$/)
})

test('--handled: what no rule takes goes nowhere, and that is said', async () => {
  const { ready } = await listenHere(home)
  await deliver(ready.url, cloudEvents(['1']))
  expect(error(await whs('wait --handled --timeout 0')).why).toContain('goes nowhere: no --forward rule takes it')
})

test('--ready: prints what the listener said when it was', async () => {
  expect(error(await whs('wait --ready --timeout 50ms'))).toMatchObject({
    what: 'no listener was ready within 50 ms',
    next: 'whs listen',
  })
  const waiting = whs('wait --ready --timeout 20s')
  const { ready } = await listenHere(home)
  const { code, records } = await waiting
  expect(code).toBe(0)
  expect(records).toMatchObject([{ type: 'ready', url: ready.url, callbacks: ready.callbacks, pid: process.pid }])
  expect((await whs('wait --ready', { tty: true })).out).toBe(`${ready.url}\n`)
})

test.each([
  ['wait --ready --tenant acme', '--ready and --tenant exclude each other'],
  ['wait --rejected --handled', '--rejected and --handled exclude each other'],
  ['wait --rejected --tenant acme', '--tenant cannot narrow --rejected'],
  ['wait --count none', '"none" is no count'],
  ['wait --timeout soon', '"soon" is no duration'],
])('%s: exit 2', async (line, what) => {
  const ran = await whs(line)
  expect(ran).toMatchObject({ code: 2, out: '' })
  expect(error(ran).what).toBe(what)
})
