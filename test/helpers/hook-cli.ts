import { onTestFinished } from 'vitest'
import type { Fact } from '../../src/app/facts.ts'
import { type ListenOptions, listen, type Session } from '../../src/app/listen.ts'
import type { ActivationOutcome } from '../../src/connect/activation/activation-outcome.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { type CliWorld, companiesOf, flagsFor, openCliWorld } from './cli-world.ts'
import { appHere, listenOptions } from './listener-here.ts'
import type { Ran } from './test-io.ts'

/** A listener in this process that tells what it does with hooks. */
export interface HookListener {
  session: Session
  outcomes(): ActivationOutcome[]
  /** Resolves once it has told so of a hook. */
  told(kind: ActivationOutcome['kind']): Promise<ActivationOutcome>
  stop(): Promise<void>
}

/** The command line over a simulator whose API makes hooks, with an app and a tenant to connect. */
export interface HookCli extends CliWorld {
  /** What stands at the simulator. */
  hooks(): Promise<{ id: string; url: string }[]>
  control(knobs: object): Promise<void>
  listen(changes?: Partial<ListenOptions>): Promise<HookListener>
  /** Connects acme; `more` are flags. */
  connectAcme(more?: string): Promise<Ran>
}

export async function openHookCli(definition: ProviderDefinition): Promise<HookCli> {
  const { id } = definition
  const world = await openCliWorld([definition])
  await world.add(id)
  const [company] = companiesOf(definition)
  if (!company) throw new Error(`${id} has no company`)
  const { base } = world.simulator
  return {
    ...world,
    hooks: async () => (await (await fetch(`${base}/${id}/portal/hooks`)).json()) as { id: string; url: string }[],
    async control(knobs) {
      const answer = await fetch(`${base}/${id}/control`, { method: 'POST', body: JSON.stringify(knobs) })
      if (answer.status !== 200) throw new Error(await answer.text())
    },
    listen: changes => listenForHooks(world.home, changes),
    connectAcme: (more = '') =>
      world.connect(id, [company.name], `--tenant acme ${flagsFor(definition, company)} ${more}`),
  }
}

async function listenForHooks(home: string, changes: Partial<ListenOptions> = {}): Promise<HookListener> {
  const facts: Fact[] = []
  const waiting: (() => void)[] = []
  const onFact = (fact: Fact): void => {
    facts.push(fact)
    for (const look of waiting.splice(0)) look()
  }
  const session = await listen(appHere(home), { ...listenOptions(), ...changes }, onFact)
  let ended: Promise<unknown> | undefined
  const stop = async (): Promise<void> => {
    ended ??= session.stop('the test is over')
    await ended
  }
  onTestFinished(stop)
  const outcomes = (): ActivationOutcome[] => facts.flatMap(fact => (fact.kind === 'activation' ? fact.outcome : []))
  return {
    session,
    outcomes,
    async told(kind) {
      for (;;) {
        const found = outcomes().find(outcome => outcome.kind === kind)
        if (found) return found
        await new Promise<void>(resolve => waiting.push(resolve))
      }
    },
    stop,
  }
}
