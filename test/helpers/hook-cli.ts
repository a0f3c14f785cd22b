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

/** A hook as the simulator's portal shows it. */
interface StandingHook {
  id: string
  url: string
  company: string | null
  resource: string | null
}

/** The command line over a simulator whose API makes hooks, with an app and a tenant to connect. */
export interface HookCli extends CliWorld {
  /** What stands at the simulator. */
  hooks(): Promise<StandingHook[]>
  control(knobs: object): Promise<void>
  /** `lateMs`: as if so much time had gone by. */
  listen(changes?: Partial<ListenOptions>, lateMs?: number): Promise<HookListener>
  /** Connects acme; `more` are flags. */
  connectAcme(more?: string): Promise<Ran>
}

/** `front` opens what stands before the simulator, as whs sees it; `now` is the simulator's clock. */
export async function openHookCli(
  definition: ProviderDefinition,
  front = async (base: string): Promise<string> => base,
  now = Date.now,
): Promise<HookCli> {
  const { id } = definition
  const world = await openCliWorld([definition], now)
  const seen = await front(world.simulator.base)
  await world.whs(`app add ${id} --env simulator --host simulator=${seen}`)
  const [company] = companiesOf(definition)
  if (!company) throw new Error(`${id} has no company`)
  const { base } = world.simulator
  return {
    ...world,
    hooks: async () => (await (await fetch(`${base}/${id}/portal/hooks`)).json()) as StandingHook[],
    async control(knobs) {
      const answer = await fetch(`${base}/${id}/control`, { method: 'POST', body: JSON.stringify(knobs) })
      if (answer.status !== 200) throw new Error(await answer.text())
    },
    listen: (changes, lateMs) => listenForHooks(world.home, changes, lateMs),
    connectAcme: (more = '') =>
      world.connect(id, [company.name], `--tenant acme ${flagsFor(definition, company)} ${more}`),
  }
}

async function listenForHooks(home: string, changes: Partial<ListenOptions> = {}, lateMs = 0): Promise<HookListener> {
  const facts: Fact[] = []
  const waiting: (() => void)[] = []
  const onFact = (fact: Fact): void => {
    facts.push(fact)
    for (const look of waiting.splice(0)) look()
  }
  const app = appHere(home, {}, () => Date.now() + lateMs)
  const session = await listen(app, { ...listenOptions(), ...changes }, onFact)
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
