import { expect, test } from 'vitest'
import { github } from '../../src/providers/github.ts'
import { hubspot } from '../../src/providers/hubspot.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { companiesOf, openCliWorld } from '../helpers/cli-world.ts'
import { queryFile } from '../helpers/temp-home.ts'

const error = (text: string): Record<string, unknown> => JSON.parse(text.trim().split('\n').at(-1) as string)

test('--scopes +x asks for one more than the default ones; a consent for fewer is one for those alone', async () => {
  const world = await openCliWorld([hubspot])
  await world.add('hubspot')
  const names = companiesOf(hubspot).map(({ name }) => name)
  const connect = (more: string) =>
    world.connect('hubspot', names.slice(0, 1), `--tenant acme --no-activate ${more}`.trim())
  const { scopes } = hubspot.oauth
  expect((await connect('')).records).toMatchObject([{ scopes }])
  expect((await connect('--scopes +tickets')).records).toMatchObject([{ scopes: [...scopes, 'tickets'], mended: true }])
  const shown = (await world.whs('tenants show acme')).records.filter(({ type }) => type === 'connection')
  expect(shown).toMatchObject([{ scopes: [...scopes, 'tickets'] }])
  expect((await connect(`--scopes +tickets,+${scopes[0]}`)).records).toMatchObject([{ scopes: [...scopes, 'tickets'] }])
  expect((await connect('--scopes tickets')).records).toMatchObject([{ scopes: ['tickets'] }])
})

test.each(['+', 'read,', '+one,two', ','])('--scopes %s is no list of scopes', async list => {
  const world = await openCliWorld([hubspot])
  await world.add('hubspot')
  const ran = await world.whs(`connect hubspot --tenant acme --no-open --scopes ${list}`)
  expect([ran.code, error(ran.err)]).toMatchObject([
    2,
    { code: 'bad-scopes', next: expect.stringContaining('+<scope>') },
  ])
})

test('where the scopes are those of the app, that is said', async () => {
  const world = await openCliWorld([github])
  await world.add('github')
  const ran = await world.whs('connect github --tenant acme --no-open --scopes +repo')
  expect([ran.code, error(ran.err)]).toMatchObject([
    2,
    {
      code: 'bad-scopes',
      why: 'GitHub takes none at a consent: the scopes are those of the app there',
      next: 'whs connect github, once the app there has them',
    },
  ])
})

test('connecting again mends what is broken: the same connection, with its events, accounts and first day', async () => {
  const world = await openCliWorld([quickbooks])
  await world.add('quickbooks')
  const [company] = companiesOf(quickbooks)
  if (!company) throw new Error('no company')
  const first = await world.connect('quickbooks', [company.name], '--tenant acme')
  const row = () => queryFile(world.home, 'SELECT id, state, why, created_at FROM connections')
  const [before] = row()
  const control = `${world.simulator.base}/quickbooks/control`
  await fetch(control, { method: 'POST', body: JSON.stringify({ revoke: company.name, clock: '+2h' }) })
  await fetch(control, { method: 'POST', body: JSON.stringify({ fail: { call: 'api', status: 401, times: 1 } }) })
  const refused = await world.whs('api acme GET /v3/company/{account}/companyinfo/{account}')
  expect([refused.code, error(refused.err).code]).toEqual([4, 'connection-broken'])
  const [broken] = (await world.whs('tenants show acme')).records.filter(({ type }) => type === 'connection')
  expect(broken).toMatchObject({
    state: 'broken',
    why: expect.any(String),
    mend: 'whs connect quickbooks --tenant acme',
  })

  const again = await world.connect('quickbooks', [company.name], '--tenant acme')
  expect(again.records).toMatchObject([{ id: first.records[0]?.id, state: 'active', mended: true }])
  expect(row()).toEqual([{ ...(before as object), state: 'active', why: null }])
  const events = (await world.whs('events --tenant acme')).records.map(({ event }) => event)
  expect(events).toEqual(expect.arrayContaining(['tenant.connected', 'tenant.broken', 'tenant.connected']))
  expect(events.filter(event => event === 'tenant.connected')).toHaveLength(2)
  expect((await world.whs('api acme GET /v3/company/{account}/companyinfo/{account}')).code).toBe(0)
})
