import { expect, onTestFinished } from 'vitest'
import type { Fact } from '../../src/app/facts.ts'
import { type ListenOptions, listen } from '../../src/app/listen.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { type CliWorld, companiesOf, flagsFor, openCliWorld } from './cli-world.ts'
import { appHere, listenOptions } from './listener-here.ts'

/** A listener in this process over a simulator of one provider, and all that it tells. */
export interface LifeWorld extends CliWorld {
  facts: Fact[]
  /** Resolves once a fact of this kind fits. */
  told<K extends Fact['kind']>(
    kind: K,
    fits?: (fact: Extract<Fact, { kind: K }>) => boolean,
  ): Promise<Extract<Fact, { kind: K }>>
  connectAcme(more?: string): ReturnType<CliWorld['connect']>
  company: string
  id: string
}

export async function openLife(
  definition: ProviderDefinition,
  changes: Partial<ListenOptions> = {},
): Promise<LifeWorld> {
  const { id } = definition
  const world = await openCliWorld([definition])
  await world.add(id)
  const facts: Fact[] = []
  const waiting: (() => void)[] = []
  const session = await listen(appHere(world.home), { ...listenOptions(), ...changes }, fact => {
    facts.push(fact)
    for (const look of waiting.splice(0)) look()
  })
  onTestFinished(async () => {
    await session.stop('the test is over')
  })
  const [company] = companiesOf(definition)
  if (!company) throw new Error(`${id} has no company`)
  return {
    ...world,
    facts,
    company: company.name,
    id,
    connectAcme: (more = '') =>
      world.connect(id, [company.name], `--tenant acme --no-activate ${flagsFor(definition, company)} ${more}`),
    async told(kind, fits = () => true) {
      for (;;) {
        const found = facts.find(fact => fact.kind === kind && fits(fact as never))
        if (found) return found as never
        await new Promise<void>(resolve => waiting.push(resolve))
      }
    },
  }
}

/** The one connection of acme, as `tenants show` prints it. */
export async function connectionOf(world: LifeWorld): Promise<Record<string, unknown>> {
  const found = (await world.whs('tenants show acme')).records.filter(({ type }) => type === 'connection')
  expect(found).toHaveLength(1)
  return found[0] as Record<string, unknown>
}
