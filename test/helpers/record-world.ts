import { onTestFinished } from 'vitest'
import type { Fact, FetchedFact } from '../../src/app/facts.ts'
import { type ListenOptions, listen, type Session } from '../../src/app/listen.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { parseRule } from '../../src/core/rule.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { type CliWorld, type Company, companiesOf, flagsFor, openCliWorld } from './cli-world.ts'
import { appHere, listenOptions } from './listener-here.ts'
import { type Handler, startHandler } from './simulated.ts'
import { queryFile } from './temp-home.ts'
import { type CallWatch, watchCalls } from './watch-calls.ts'

/** Two tenants of a simulated provider, whose calls that read things, or say whose one is, can be seen and answered otherwise. */
export interface RecordWorld extends CliWorld {
  calls: CallWatch
  handler: Handler
  companies: Company[]
  /** Added to the clock of whs, in ms. */
  clock: { ahead: number }
  /** Makes changes, one delivery for all of them where the provider does so. */
  changed(company: number, events: string | string[], more?: object): Promise<void>
  listen(changes?: Partial<ListenOptions>): Promise<FetchingListener>
  count(table: 'wanted_records' | 'records' | 'event_records'): number
}

export interface FetchingListener {
  session: Session
  facts: Fact[]
  /** Those that tell what was fetched. */
  fetched(): FetchedFact[]
  stop(): Promise<void>
}

export async function openRecordWorld(definition: ProviderDefinition = quickbooks): Promise<RecordWorld> {
  const world = await openCliWorld([definition])
  const { id, record = [], resolve = [] } = definition
  const calls = await watchCalls(
    definition,
    world.simulator.base,
    [...record, ...resolve].map(({ call }) => call),
  )
  const added = await world.whs(`app add ${id} --env simulator --host simulator=${calls.base}`)
  if (added.code !== 0) throw new Error(added.err)
  const companies = companiesOf(definition)
  for (const [index, tenant] of ['acme', 'globex'].entries()) {
    const company = companies[index] as Company
    const flags = `--tenant ${tenant} --no-activate ${flagsFor(definition, company)}`
    const { code, err } = await world.connect(id, [company.name], flags)
    if (code !== 0) throw new Error(err)
  }
  // What a consent asks for is another matter.
  calls.seen.length = 0
  calls.most = 0
  const handler = await startHandler()
  onTestFinished(() => handler.close())
  const clock = { ahead: 0 }
  return {
    ...world,
    calls,
    handler,
    companies,
    clock,
    async changed(company, event, more = {}) {
      const { status, text } = await world.change(id, { account: companies[company]?.name, event, ...more })
      if (status !== 200) throw new Error(text)
    },
    async listen(changes = {}) {
      const facts: Fact[] = []
      const app = appHere(world.home, {}, () => Date.now() + clock.ahead)
      const options = { ...listenOptions(), rules: [parseRule(new URL(handler.url).port)], fetch: true, ...changes }
      const session = await listen(app, options, fact => void facts.push(fact))
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
        fetched: () => facts.filter((fact): fact is FetchedFact => fact.kind === 'record'),
      }
    },
    count: table => queryFile<{ count: number }>(world.home, `SELECT count(*) AS count FROM ${table}`)[0]?.count ?? 0,
  }
}
