import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { disconnectTenant } from '../../src/connect/disconnect.ts'
import { redirectUri } from '../../src/connect/redirect.ts'
import { normaliseAccount } from '../../src/core/account.ts'
import { providers } from '../../src/providers/index.ts'
import type { AccountFixture } from '../../src/simulate/fixtures.ts'
import type { ConsentOutcome, ConsentWish } from '../../src/store/consent-ops.ts'
import { openBrowser } from '../helpers/browser.ts'
import { type ConsentWorld, client, connectionsOf, openConsentWorld } from '../helpers/consent-world.ts'
import { fixtureDir } from '../helpers/fixtures.ts'
import { decide, type Simulated, startSimulated } from '../helpers/simulated.ts'

const chosen = process.env.WHS_PROVIDER
const played = providers.filter(({ id }) => chosen === undefined || id === chosen)

describe.each(played.map(definition => [definition.id, definition] as const))('%s', (id, definition) => {
  const companies = JSON.parse(readFileSync(join(fixtureDir(id), 'accounts.json'), 'utf8')) as AccountFixture[]
  const main = definition.accounts.find(({ kind }) => Object.hasOwn(definition.identity.accounts, kind))?.kind ?? ''
  let simulated: Simulated
  let world: ConsentWorld

  beforeEach(async () => {
    simulated = await startSimulated({ definition })
    const { hosts, secrets, settings } = await simulated.app()
    world = await openConsentWorld({ definition, hosts, secrets, settings })
    const redirect = redirectUri(definition, { name: 'qbo', env: 'simulator' }, { port: world.port, publicUrl: null })
    await simulated.json('PUT', `/portal/apps/${client.id}`, { redirectUris: [redirect], secrets, settings })
  })
  afterEach(async () => {
    await world.close()
    await simulated.close()
  })

  const valueOf = ({ values }: AccountFixture, kind: string): string | undefined => {
    const normalise = definition.accounts.find(one => one.kind === kind)?.normalise ?? 'text'
    return values[kind] === undefined ? undefined : normaliseAccount(normalise, values[kind])
  }

  async function consent(chosen: AccountFixture[], wish: Partial<ConsentWish>): Promise<ConsentOutcome> {
    const asked = (definition.ask ?? []).map(({ name }) => [name, chosen[0]?.slots?.[name] ?? ''])
    const { link, url } = await world.makeLink({ ...wish, slots: Object.fromEntries(asked) })
    const browser = openBrowser()
    const authorize = (await browser.step('POST', url)).headers.get('location') ?? ''
    const ticked = chosen.map(one => one.values[definition.accounts[0]?.kind ?? ''] ?? one.name)
    const back = await decide(authorize, 'allow', ...ticked)
    await browser.get(back.href)
    return (await world.outcomeOf(link)) as ConsentOutcome
  }

  test('a consent makes a connection with the accounts of the company, and again mends it', async () => {
    const company = companies[0] as AccountFixture
    const wish = { tenants: [{ tenant: 'acme', account: valueOf(company, main) ?? null }] }
    const [connection, ...more] = connectionsOf(await consent([company], wish))
    expect(more).toEqual([])
    const wanted = Object.keys(definition.identity.accounts).map(kind => `${kind} ${valueOf(company, kind)}`)
    const got = connection?.accounts.map(({ kind, id }) => `${kind} ${id}`) ?? []
    expect(wanted).toEqual(expect.arrayContaining(got))
    expect(got[0]).toBe(`${main} ${valueOf(company, main)}`)
    expect(connectionsOf(await consent([company], wish))).toMatchObject([{ id: connection?.id, mended: true }])
    const [ended] = await disconnectTenant(world.deps, { tenant: 'acme', app: null })
    expect(ended?.atProvider).toBe(definition.oauth.revoke ? 'revoked' : 'kept')
  })

  if (definition.identity.items === undefined) return
  test('a consent for two companies makes two connections', async () => {
    const both = companies.slice(0, 2)
    const tenants = both.map((company, index) => ({ tenant: `t${index}`, account: valueOf(company, main) ?? '' }))
    const connections = connectionsOf(await consent(both, { tenants }))
    expect(connections.map(({ tenants, accounts }) => `${tenants[0]} ${accounts[0]?.id}`)).toEqual(
      tenants.map(({ tenant, account }) => `${tenant} ${account}`),
    )
  })
})
