import { expect, onTestFinished, test } from 'vitest'
import type { Fact } from '../../src/app/facts.ts'
import { listen } from '../../src/app/listen.ts'
import { tendTokens } from '../../src/app/tend-tokens.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { hubspot } from '../../src/providers/hubspot.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { type CliWorld, companiesOf, openCliWorld } from '../helpers/cli-world.ts'
import { handClock } from '../helpers/hand-clock.ts'
import { appHere, listenOptions } from '../helpers/listener-here.ts'
import { queryFile } from '../helpers/temp-home.ts'

const day = 86_400_000

/** Acme's connection of 90 days ago, whose refresh token ends after this time. */
async function endingIn(definition: ProviderDefinition, ms: number): Promise<CliWorld> {
  const world = await openCliWorld([definition])
  await world.add(definition.id)
  const { code, err } = await world.connect(definition.id, [companiesOf(definition)[0]?.name ?? ''], '--tenant acme')
  if (code !== 0) throw new Error(err)
  const sql = 'UPDATE token_sets SET refresh_expires_at = changed_at + ?, changed_at = changed_at - ?'
  queryFile(world.home, sql, ms, 90 * day)
  return world
}

function version({ home }: CliWorld): number | undefined {
  return queryFile<{ version: number }>(home, 'SELECT version FROM token_sets')[0]?.version
}

async function listening(world: CliWorld): Promise<{ facts: Fact[]; changed(): Promise<string[]> }> {
  const facts: Fact[] = []
  const session = await listen(appHere(world.home), listenOptions(), fact => void facts.push(fact))
  onTestFinished(async () => {
    await session.stop('the test is over')
  })
  const states = (): string[] =>
    facts.flatMap(fact => (fact.kind === 'connection-changed' ? fact.connection.state : []))
  return {
    facts,
    async changed() {
      await expect.poll(states).not.toEqual([])
      return states()
    },
  }
}

const shown = async (world: CliWorld): Promise<Record<string, unknown>> =>
  (await world.whs('tenants')).records.find(({ type }) => type === 'connection') ?? {}

test('a consent that ends soon is shown, and a listener refreshes it in time where it lives on by that', async () => {
  const world = await endingIn(quickbooks, day)
  const mend = 'whs connect quickbooks --tenant acme'
  expect(await shown(world)).toMatchObject({ state: 'expiring', why: expect.stringMatching(/^it ends in 2\d h/), mend })
  expect((await world.whs('tenants', { tty: true, columns: 300 })).out).toMatch(
    /expiring \(it ends in 2\d h.*\): whs connect/,
  )
  expect((await world.whs('doctor')).records).toContainEqual(
    expect.objectContaining({ name: 'connection acme', level: 'warning', fix: mend }),
  )
  const { facts } = await listening(world)
  await expect.poll(() => version(world)).toBe(2)
  expect(await shown(world)).toMatchObject({ state: 'active', mend: null })
  expect(facts.filter(({ kind }) => kind === 'connection-changed')).toEqual([])
})

test('one that ends all the same is said once, with the command that mends it', async () => {
  const world = await endingIn(hubspot, day)
  const { changed, facts } = await listening(world)
  expect(await changed()).toEqual(['expiring'])
  expect(version(world)).toBe(1)
  expect(facts.find(({ kind }) => kind === 'connection-changed')).toMatchObject({ tenant: { name: 'acme' } })
})

test('one whose refresh is refused becomes broken, and the stream says so', async () => {
  const world = await endingIn(quickbooks, day)
  const url = `${world.simulator.base}/quickbooks/control`
  await fetch(url, { method: 'POST', body: JSON.stringify({ revoke: companiesOf(quickbooks)[0]?.name }) })
  const { changed } = await listening(world)
  expect(await changed()).toEqual(['broken'])
})

test('what another process finds out is in the stream of the listener, as a record and as a line', async () => {
  const world = await endingIn(quickbooks, 100 * day)
  const { changed, facts } = await listening(world)
  const url = `${world.simulator.base}/quickbooks/control`
  await fetch(url, { method: 'POST', body: JSON.stringify({ tokens: '+200d' }) })
  expect((await world.whs('api acme GET /v3/company/{account}/companyinfo/{account}')).code).toBe(4)
  expect(await changed()).toEqual(['broken'])
  expect(facts.filter(({ kind }) => kind === 'connection-changed')).toHaveLength(1)
})

test('it is looked at again each hour, and said once for one end', async () => {
  const world = await endingIn(hubspot, day)
  const told: Fact[] = []
  const clock = handClock()
  const app = appHere(world.home)
  const tending = tendTokens(app, fact => void told.push(fact), clock)
  const states = (): string[] =>
    told.flatMap(fact => (fact.kind === 'connection-changed' ? [fact.connection.state] : []))
  await expect.poll(states).toEqual(['expiring'])
  queryFile(world.home, 'UPDATE token_sets SET refresh_expires_at = refresh_expires_at + 1000')
  await expect
    .poll(() => {
      clock.advance(3_600_000)
      return states()
    })
    .toEqual(['expiring', 'expiring'])
  await tending.stop(1000)
})
