import { onTestFinished } from 'vitest'
import type { Fact } from '../../src/app/facts.ts'
import { type ListenOptions, listen, type Session } from '../../src/app/listen.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { FeedKnobsWish } from '../../src/simulate/feed-knobs.ts'
import { type CliWorld, type Company, companiesOf, flagsFor, openCliWorld } from './cli-world.ts'
import { appHere, listenOptions } from './listener-here.ts'

/** An event as `whs events` prints it. */
export interface ShownEvent {
  id: string
  deliveryId: string
  tenant: string | null
  account: string | null
  event: string
  source: string
  providerEventId: string | null
  resource: { type: string; id: string } | null
  occurredAt: string | null
  receivedAt: string
  repeatOf?: string
  data: unknown
}

/** A listener in this process, and what it has told. */
export interface ToldListener {
  session: Session
  facts: Fact[]
  /** Resolves with the first fact that passes, past or to come. */
  told<K extends Fact['kind']>(
    kind: K,
    test?: (fact: Extract<Fact, { kind: K }>) => boolean,
  ): Promise<Extract<Fact, { kind: K }>>
  stop(): Promise<void>
}

/** The command line over a simulator whose API has feeds: an app, and companies of it as tenants. */
export interface FeedWorld extends CliWorld {
  companies: Company[]
  /** Connects a company as a tenant; `more` are flags. */
  tenant(name: string, company: Company, more?: string): Promise<void>
  /** Makes changes of a company, one after the other. */
  changes(company: Company, events: string[], more?: object): Promise<void>
  knobs(wish: FeedKnobsWish): Promise<void>
  /** Turns those of hooks and calls; gives the failures that are still to come. */
  control(wish: object): Promise<{ failures: unknown[] }>
  /** Events that the simulator can make of a company, but for those that end its consent. */
  kinds(): Promise<string[]>
  /** All that providers told of, oldest first. */
  events(): Promise<ShownEvent[]>
  listen(changes?: Partial<ListenOptions>): Promise<ToldListener>
}

/** `front` opens what stands before the simulator, as whs sees it. */
export async function openFeedWorld(
  definition: ProviderDefinition,
  front = async (base: string): Promise<string> => base,
): Promise<FeedWorld> {
  const { id } = definition
  const world = await openCliWorld([definition])
  await world.whs(`app add ${id} --env simulator --host simulator=${await front(world.simulator.base)}`)
  const companies = companiesOf(definition)
  const post = async (path: string, wish: object): Promise<unknown> => {
    const answer = await fetch(`${world.simulator.base}/${id}/control${path}`, {
      method: 'POST',
      body: JSON.stringify(wish),
    })
    if (answer.status !== 200) throw new Error(await answer.text())
    return answer.json()
  }
  return {
    ...world,
    companies,
    async tenant(name, company, more = '') {
      const flags = `--tenant ${name} --no-activate ${flagsFor(definition, company)} ${more}`
      const { code, err } = await world.connect(id, [company.name], flags)
      if (code !== 0) throw new Error(err)
    },
    async changes({ name: account }, events, more = {}) {
      for (const event of events) await post('/change', { account, event, ...more })
    },
    async knobs(wish) {
      await post('/feeds', wish)
    },
    control: wish => post('', wish) as Promise<{ failures: unknown[] }>,
    async kinds() {
      const answer = await fetch(`${world.simulator.base}/${id}/control/events`)
      const { events } = (await answer.json()) as { events: { event: string; isApp: boolean }[] }
      const ending = new Set((definition.lifecycle ?? []).flatMap(({ events }) => events))
      return events.filter(({ event, isApp }) => !isApp && !ending.has(event)).map(({ event }) => event)
    },
    async events() {
      const { records } = await world.whs('events --output json')
      return (records as unknown as ShownEvent[]).filter(({ source }) => source !== 'lifecycle').reverse()
    },
    listen: changes => listenTold(world.home, changes),
  }
}

async function listenTold(home: string, changes: Partial<ListenOptions> = {}): Promise<ToldListener> {
  const facts: Fact[] = []
  const waiting = new Set<() => void>()
  const onFact = (fact: Fact): void => {
    facts.push(fact)
    for (const look of waiting) look()
  }
  const session = await listen(appHere(home), { ...listenOptions(), ...changes }, onFact)
  let ended: Promise<unknown> | undefined
  const stop = async (): Promise<void> => {
    ended ??= session.stop('the test is over')
    await ended
  }
  onTestFinished(stop)
  return {
    session,
    facts,
    stop,
    told: (kind, test = () => true) =>
      new Promise(resolve => {
        const look = (): void => {
          const found = facts.find((fact): fact is Extract<Fact, { kind: typeof kind }> => {
            return fact.kind === kind && test(fact as Extract<Fact, { kind: typeof kind }>)
          })
          if (!found) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
  }
}
