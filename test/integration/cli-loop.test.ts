import { expect, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { providers } from '../../src/providers/index.ts'
import { type CliWorld, companiesOf, flagsFor, openCliWorld } from '../helpers/cli-world.ts'
import { listenHere } from '../helpers/listener-here.ts'

/** From nothing to an event of the right tenant, by the command line alone; what went wrong, or null. */
async function loop(world: CliWorld, definition: ProviderDefinition): Promise<string | null> {
  const { id, activation } = definition
  const [first] = companiesOf(definition)
  if (!first) return 'it has no companies'
  const added = await world.add(id)
  if (added.code !== 0) return `app add: ${added.err}`
  const connected = await world.connect(id, [first.name], `--tenant acme ${flagsFor(definition, first)}`)
  if (connected.code !== 0) return `connect: ${connected.err}`
  if (activation.per !== 'app') {
    const made = await world.whs(`activations add ${id} --tenant acme`)
    if (made.records[0]?.state !== 'made') return `activations add: ${made.out}${made.err}`
  }
  const { records, err } = await world.whs(`trigger ${id} --tenant acme --no-wait`)
  const events = records.filter(({ type }) => type === 'event')
  const good = events.some(({ tenant, provider }) => tenant === 'acme' && provider === id)
  return good ? null : `trigger: ${JSON.stringify(records)} ${err}`
}

test('every provider, from an app to an event of the right tenant', { timeout: 300_000 }, async () => {
  const world = await openCliWorld([...providers])
  await listenHere(world.home)
  const faults: Record<string, string> = {}
  for (const definition of providers) {
    const fault = await loop(world, definition).catch((error: Error) => `${error.stack}`)
    if (fault !== null) faults[definition.id] = fault
  }
  expect(faults).toEqual({})
})
