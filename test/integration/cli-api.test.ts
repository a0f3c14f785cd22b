import { expect, test } from 'vitest'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { xero } from '../../src/providers/xero.ts'
import { type CliWorld, companiesOf, openCliWorld } from '../helpers/cli-world.ts'
import { queryFile } from '../helpers/temp-home.ts'

const [acme] = companiesOf(quickbooks)
const realm = acme?.values.realm ?? ''

async function connected(): Promise<CliWorld> {
  const world = await openCliWorld([quickbooks, xero])
  await world.add('quickbooks')
  await world.connect('quickbooks', [acme?.name ?? ''], '--tenant acme')
  return world
}

async function control(world: CliWorld, knobs: object): Promise<void> {
  const answer = await fetch(`${world.simulator.base}/quickbooks/control`, {
    method: 'POST',
    body: JSON.stringify(knobs),
  })
  if (answer.status !== 200) throw new Error(await answer.text())
}

const info = 'api acme GET /v3/company/{account}/companyinfo/{account}'
const error = (text: string): Record<string, unknown> => JSON.parse(text.trim().split('\n').at(-1) as string)

test('base URL and account are filled in, the answer comes out byte for byte', async () => {
  const world = await connected()
  const { code, out, err } = await world.whs(info)
  expect([code, err]).toEqual([0, ''])
  expect((JSON.parse(out) as { CompanyInfo: { CompanyName: string } }).CompanyInfo.CompanyName).toBe(acme?.name)
  const whole = `${world.simulator.base}/quickbooks/api/v3/company/${realm}/companyinfo/${realm}`
  expect((await world.whs(`api acme get ${whole}`)).out).toBe(out)
  const bytes = Buffer.from([0, 255, 10, 13, 10, 128])
  await control(world, { fail: { call: 'api', status: 200, body: bytes.toString('latin1') } })
  expect((await world.whs(info)).out).toBe(bytes.toString('latin1'))
})

test('an ended token is refreshed on the way; a refused consent says so, everywhere, with the command that mends it', async () => {
  const world = await connected()
  await control(world, { tokens: '+2h' })
  expect((await world.whs(info)).code).toBe(0)
  await control(world, { tokens: '+200d' })
  const refused = await world.whs(info)
  expect(refused.code).toBe(4)
  const why = 'Intuit refused to refresh it: invalid_grant: The refresh token is unknown, revoked or expired.'
  const next = 'whs connect quickbooks --tenant acme'
  expect(error(refused.err)).toMatchObject({ code: 'connection-broken', why, next })
  expect((await world.whs('tenants')).records).toContainEqual(
    expect.objectContaining({ type: 'connection', state: 'broken', why, mend: next }),
  )
  expect((await world.whs('tenants', { tty: true, columns: 400 })).out).toContain(`broken (${why}): ${next}`)
  const check = { name: 'connection acme', level: 'warning', detail: `at quickbooks: broken, ${why}`, fix: next }
  expect((await world.whs('doctor')).records).toContainEqual(expect.objectContaining(check))
  await world.connect('quickbooks', [acme?.name ?? ''], '--tenant acme')
  expect((await world.whs(info)).code).toBe(0)
})

test('a token endpoint that fails is tried again later, and breaks nothing', async () => {
  const world = await connected()
  queryFile(world.home, 'UPDATE token_sets SET access_expires_at = 1')
  await control(world, { fail: { call: 'token', status: 503 } })
  const { code, err } = await world.whs(info)
  expect([code, error(err).code]).toEqual([10, 'token-endpoint'])
  expect((await world.whs('tenants')).records).toContainEqual(expect.objectContaining({ state: 'active' }))
  expect((await world.whs(info)).code).toBe(0)
})

test('what the provider refuses is shown in its own words, on stderr, without the token', async () => {
  const world = await connected()
  const [tokens] = queryFile<{ id: number }>(world.home, 'SELECT id FROM token_sets')
  expect(tokens?.id).toBe(1)
  await control(world, {
    fail: { call: 'api', status: 400, body: { Fault: { Error: [{ Message: 'no \u001b[31m' }] } } },
  })
  const { code, out, err } = await world.whs(info)
  expect([code, out]).toEqual([10, ''])
  expect(err.split('\n')[0]).toBe('{"Fault":{"Error":[{"Message":"no \\u001b[31m"}]}}')
  expect(error(err)).toMatchObject({
    code: 'api-failed',
    what: expect.stringContaining('Intuit answered 400 to GET /v3/'),
  })
  const missing = await world.whs('api acme GET /v3/nothing')
  expect(missing.code).toBe(10)
  await control(world, { fail: { call: 'api', status: 302, headers: { location: 'https://evil.example/' } } })
  expect(error((await world.whs(info)).err).next).toBe(
    'it leads to https://evil.example/, and a token follows no redirect: ask there',
  )
})

const mistakes: [string, string, number, string, RegExp][] = [
  ['a missing slash', 'api acme GET v3/x', 2, 'bad-target', /^\/v3\/x$/],
  ['no method', 'api acme FETCH /v3/x', 2, 'bad-method', /^whs api <tenant> <METHOD>/],
  ['tenant and method swapped', 'api GET acme /v3/x', 2, 'bad-method', /^whs api acme GET \/v3\/x$/],
  ['another host', 'api acme GET https://evil.example/v3', 2, 'foreign-host', /^whs providers show quickbooks/],
  ['a host that only begins like ours', 'api acme GET {base}evil/v3', 2, 'foreign-host', /^whs providers show/],
  ['a way out of the base', 'api acme GET /../../../xero/api/x', 2, 'foreign-host', /^whs providers show/],
  ['an unknown slot', 'api acme GET /v3/{token}', 2, 'unknown-slot', /^whs tenants show acme$/],
  ['an unknown tenant', 'api acm GET /v3/x', 5, 'no-tenant', /^whs tenants$/],
  ['an unknown app', 'api acme GET /v3/x --app quickbook', 5, 'unknown-provider', /^whs app list$/],
  ['an app without a connection', 'api acme GET /v3/x --app xero', 3, 'no-app', /^whs setup xero$/],
  ['a body with GET', 'api acme GET /v3/x --body -', 2, 'bad-method', /POST/],
  ['a body in argv', 'api acme POST /v3/x --body {}', 2, 'usage', /--body - </],
]

test.each(mistakes)('%s is said', async (_name, args, exit, code, next) => {
  const world = await connected()
  const base = `${world.simulator.base}/quickbooks/api`
  const ran = await world.whs(args.replace('{base}', base), { stdin: '{}' })
  expect([ran.code, ran.out, error(ran.err).code]).toEqual([exit, '', code])
  expect(error(ran.err).next).toMatch(next)
})

test('a body is sent as it is; one that is no JSON only where its type is said', async () => {
  const world = await connected()
  const post = 'api acme POST /v3/company/{account}/invoice --body -'
  const broken = await world.whs(post, { stdin: '{"a":1' })
  expect([broken.code, error(broken.err).code]).toEqual([2, 'not-json'])
  expect((await world.whs(post, { stdin: '{"a":1}' })).code).toBe(10)
  expect((await world.whs(`${post} --type application/text`, { stdin: 'select *' })).code).toBe(10)
})

test('a tenant with several connections is asked which, and each gets its own header', async () => {
  const world = await connected()
  await world.add('xero')
  const [first] = companiesOf(xero)
  await world.connect('xero', [first?.name ?? ''], '--tenant acme')
  const ran = await world.whs('api acme GET /connections')
  expect([ran.code, error(ran.err)]).toMatchObject([
    2,
    {
      code: 'which-connection',
      why: 'at quickbooks, xero',
      next: 'whs api acme GET /connections --app quickbooks',
    },
  ])
  const chosen = await world.whs('api acme GET /connections --app xero')
  expect(chosen.code).toBe(0)
  expect(JSON.parse(chosen.out)).toHaveLength(1)
})

test('after the end of a connection there is none to call with, and that is said', async () => {
  const world = await connected()
  await world.whs('tenants disconnect acme --yes')
  const ran = await world.whs(info)
  expect([ran.code, error(ran.err)]).toMatchObject([
    5,
    {
      code: 'no-connection',
      why: 'the one at quickbooks has ended: disconnected here',
      next: 'whs connect <app> --tenant acme',
    },
  ])
})
