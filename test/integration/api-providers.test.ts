import { expect, test } from 'vitest'
import { apiBase } from '../../src/core/api-call.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { Call } from '../../src/core/value-definition.ts'
import { providers } from '../../src/providers/index.ts'
import { type CliWorld, companiesOf, flagsFor, openCliWorld } from '../helpers/cli-world.ts'
import { queryFile } from '../helpers/temp-home.ts'

async function connected(definition: ProviderDefinition): Promise<CliWorld> {
  const world = await openCliWorld([definition])
  const [company] = companiesOf(definition)
  if (!company) throw new Error(`${definition.id} has no company`)
  await world.add(definition.id)
  const { code, err } = await world.connect(
    definition.id,
    [company.name],
    `--tenant acme ${flagsFor(definition, company)}`,
  )
  if (code !== 0) throw new Error(err)
  return world
}

/** A path that the simulator of this definition knows, where the definition has one for the tenant's own token. */
function knownPath(definition: ProviderDefinition): string | undefined {
  const base = apiBase(definition) ?? ''
  const { from, prove } = definition.identity
  const calls = [typeof from === 'object' ? from : undefined, prove?.call].filter(
    (call): call is Call => call !== undefined,
  )
  const found = calls.find(({ method, url, auth }) => {
    const isUsual = JSON.stringify(auth) === JSON.stringify(definition.api?.auth)
    return method === 'GET' && isUsual && url.startsWith(`${base}/`) && !/\{(token|access\.)/.test(url)
  })
  return found?.url.slice(base.length)
}

const error = (text: string): Record<string, unknown> => JSON.parse(text.trim().split('\n').at(-1) as string)

test.each(providers.map(one => [one.id, one] as const))(
  '%s: its API is called as a tenant',
  async (_id, definition) => {
    const world = await connected(definition)
    const known = knownPath(definition)
    if (known) {
      const { code, out, err } = await world.whs(`api acme GET ${known}`)
      expect([code, err]).toEqual([0, ''])
      expect(Object.keys(JSON.parse(out) as object).length).toBeGreaterThan(0)
    }
    const unknown = async (): Promise<[number, unknown]> => {
      const { code, err } = await world.whs('api acme GET /nothing-of-that-name')
      return [code, error(err).code]
    }
    expect(await unknown()).toEqual([10, 'api-failed'])
    const turn = async (knobs: object): Promise<void> => {
      const url = `${world.simulator.base}/${definition.id}/control`
      expect((await fetch(url, { method: 'POST', body: JSON.stringify(knobs) })).status).toBe(200)
    }
    const [before] = queryFile<{ version: number; ends: number; at: number | null }>(
      world.home,
      'SELECT version, refresh_sealed IS NOT NULL AND access_expires_at IS NOT NULL AS ends, access_expires_at AS at FROM token_sets',
    )
    const hours = before?.at ? Math.ceil((before.at - Date.now()) / 3_600_000) + 1 : 24 * 40
    await turn({ tokens: `+${hours}h` })
    // What its token is good for after its end is told by the simulator, not by our clock.
    const later = await unknown()
    const [after] = queryFile<{ version: number }>(world.home, 'SELECT version FROM token_sets')
    if (before?.ends !== 1) expect(after?.version).toBe(before?.version)
    else expect([later, after?.version]).toEqual([[10, 'api-failed'], before.version + 1])
  },
)

test.each(providers.map(one => [one.id, one] as const))('%s: where it has an API is known', (_id, definition) => {
  expect(apiBase(definition)).toBeDefined()
})
