import { setTimeout as pause } from 'node:timers/promises'
import { callName } from '../connect/api-call.ts'
import { askApp, askTenant, type Question } from '../connect/resolve/ask-value.ts'
import { exits, WhsError } from '../core/errors.ts'
import { countText } from '../core/text.ts'
import { type Clock, systemClock } from '../deliver/clock.ts'
import type { Answered, Askable, OpenResolution, SaidYes, Settled } from '../store/resolution-ops.ts'
import type { App } from './app.ts'
import { hookDeps } from './consent-deps.ts'
import type { Fact, ResolutionFact } from './facts.ts'
import { faultTeller } from './tell-seldom.ts'

/** The asking whose deliveries are that name nobody who is known, while a listener runs. */
export interface ResolutionTending {
  /** Ends in order; what is under way is asked by the next listener, from where it was. */
  stop(limitMs: number): Promise<void>
}

const pollMs = 100
const atOnce = 4
const page = 50
/** So many connections are asked about one value, the newest first. */
const mostAsked = 200
/** What was answered is written down after so many. */
const round = 20
const firstAgainMs = 5_000
const longestAgainMs = 15 * 60_000
/** How long nobody's stays nobody's; whoever consents meanwhile is asked all the same. */
const nobodyMs = 60 * 60_000

/**
 * Asks, behind the deliveries, whose the values are that they name: each value once at a time, its connections one after the other, with
 * pauses that grow where the provider is away. What was answered stands in the store, so that a kill loses at most a round of it.
 * What is one tenant's releases its events in the same transaction; the rest is parked for a claim.
 */
export function tendResolutions(
  app: App,
  tell: (fact: Fact) => void,
  clock: Pick<Clock, 'setTimer'> = systemClock,
): ResolutionTending {
  const store = app.store()
  const onFault = faultTeller(app, tell, { code: 'resolve', what: 'whose some deliveries are is not asked' })
  const ended = new AbortController()
  const deps = hookDeps(app, { signal: ended.signal })
  const running = new Map<number, Promise<void>>()
  const toldFailed = new Map<number, string>()
  let config = store.configVersion()
  let isHurried = false
  let cancel = (): void => undefined

  function turn(): void {
    if (ended.signal.aborted) return
    try {
      look()
    } catch (error) {
      onFault(error)
    }
    cancel = clock.setTimer(turn, pollMs)
  }

  function look(): void {
    const now = store.configVersion()
    if (now !== config || !isHurried) {
      isHurried = true
      // Where it fails, the writer is lost, and that is told.
      void store.write('hurryResolutions', { now: app.now() }).catch(() => undefined)
    }
    config = now
    for (const due of store.readNow('dueResolutions', { now: app.now(), limit: page })) {
      if (running.size >= atOnce) return
      if (running.has(due.id)) continue
      const work = resolve(due)
        .catch(error => (ended.signal.aborted ? undefined : onFault(error)))
        .finally(() => running.delete(due.id))
      running.set(due.id, work)
    }
  }

  async function resolve(due: OpenResolution): Promise<void> {
    const question = await questionOf(app, due)
    const all = await store.read('askables', { appId: due.appId })
    try {
      if (question === null) await settle(due, null, nobody('the definition asks about it no more', all))
      else if (question.resolve.as === 'app') await settle(due, question, await answerOfApp(due, question, all))
      else await askAll(due, question, all)
    } catch (error) {
      if (ended.signal.aborted || !(error instanceof WhsError)) throw error
      await settle(due, question, failed(due, error, all))
    }
  }

  /** One connection after the other; what was answered is kept round by round. */
  async function askAll(due: OpenResolution, question: Question, all: Askable[]): Promise<void> {
    const { asked, yes } = due
    const left = all.filter(({ seq }) => !asked.includes(seq)).slice(0, mostAsked - asked.length)
    for (const [index, one] of left.entries()) {
      if (ended.signal.aborted) return
      const said = await askOne(question, one)
      asked.push(one.seq)
      if (said) yes.push(said)
      if ((index + 1) % round === 0) await keep(due, { state: 'open', tries: 0, nextAt: app.now(), why: null })
    }
    await settle(due, question, answerOfTenants(due, question, all))
  }

  /** A connection that is broken says nothing any more. */
  async function askOne(question: Question, { id, tenant, own }: Askable): Promise<SaidYes | null> {
    try {
      const account = await askTenant(deps, question, { connection: id, own })
      if (account === null) return null
      const { kind, value } = account
      const owners = await store.read('ownersOf', { appId: question.app.id, kind, value })
      return owners.includes(tenant) ? { connection: id, tenant, account } : null
    } catch (error) {
      const isOver = error instanceof WhsError && (error.exit === exits.consent || error.code === 'no-connection')
      if (isOver && !ended.signal.aborted) return null
      throw error
    }
  }

  function answerOfTenants({ asked, yes }: OpenResolution, { resolve, value }: Question, all: Askable[]): Answered {
    const tenants = [...new Set(yes.map(({ tenant }) => tenant))]
    const [first] = yes
    const upto = newestOf(all)
    if (!first || tenants.length > 1) {
      const several = `${tenants.join(' and ')} can all open it`
      const some = `${asked.length} of ${countText(all.length, 'connection')}`
      return nobody(tenants.length > 1 ? several : `${some} asked, and it is none’s`, all)
    }
    const { account, connection, tenant } = first
    const proof = `${callName(resolve.call)} answered for the ${resolve.name} ${value} with the token of ${tenant}`
    return { state: 'found', account, connection, proof, upto }
  }

  async function answerOfApp(due: OpenResolution, question: Question, all: Askable[]): Promise<Answered> {
    const { resolve, value } = question
    const accounts = await askApp(deps, question)
    const known: { account: (typeof accounts)[number]; owners: string[] }[] = []
    for (const account of accounts)
      known.push({ account, owners: await store.read('ownersOf', { appId: due.appId, ...account }) })
    const owned = known.filter(({ owners }) => owners.length > 0)
    const tenants = [...new Set(owned.flatMap(({ owners }) => owners))]
    if (tenants.length > 1) return nobody(`it stands for ${tenants.join(' and ')}`, all)
    const [one] = owned.length > 0 ? owned : known.length === 1 ? known : []
    if (!one) return nobody(accounts.length === 0 ? 'the provider does not know it' : 'it stands for nobody here', all)
    const proof = `${callName(resolve.call)} answered for the ${resolve.name} ${value} with the app’s own credentials`
    return { state: 'found', account: one.account, connection: null, proof, upto: newestOf(all) }
  }

  function nobody(why: string, all: Askable[]): Answered {
    return { state: 'nobody', endsAt: app.now() + nobodyMs, why, upto: newestOf(all) }
  }

  function failed({ tries }: OpenResolution, { message, why, exit }: WhsError, all: Askable[]): Answered {
    const said = why === undefined ? message : `${message}: ${why}`
    // What is not set up does not pass by itself.
    if (exit !== exits.api) return nobody(said, all)
    const again = Math.min(firstAgainMs * 2 ** tries, longestAgainMs)
    return { state: 'open', tries: tries + 1, nextAt: app.now() + again, why: said }
  }

  function keep({ id, asked, yes }: OpenResolution, answer: Answered): Promise<Settled> {
    return store.write('settleResolution', { id, asked, yes, answer })
  }

  async function settle(due: OpenResolution, question: Question | null, answer: Answered): Promise<void> {
    const settled = await keep(due, answer)
    if (answer.state === 'open' && toldFailed.get(due.id) === answer.why) return
    if (answer.state === 'open') toldFailed.set(due.id, answer.why ?? '')
    else toldFailed.delete(due.id)
    const { app: name, name: about, value } = due
    const fact: Omit<ResolutionFact, 'kind'> = {
      app: name,
      about,
      value,
      call: question && callName(question.resolve.call),
      answer,
      settled,
      asked: due.asked.length,
    }
    tell({ kind: 'resolution', ...fact })
  }

  turn()
  return {
    async stop(limitMs) {
      ended.abort()
      cancel()
      await Promise.race([Promise.allSettled(running.values()), pause(limitMs, undefined, { ref: false })])
    },
  }
}

/** What is asked now; null where the definition asks it no more. */
async function questionOf(app: App, { app: name, name: about, value }: OpenResolution): Promise<Question | null> {
  const stored = await app.store().read('findApp', { name })
  if (!stored) return null
  try {
    const definition = app.definitionOf(stored.provider)
    const resolve = definition.resolve?.find(one => one.name === about)
    return resolve ? { app: stored, definition, resolve, value } : null
  } catch (error) {
    // A provider of a person's own that was removed.
    if (error instanceof WhsError) return null
    throw error
  }
}

function newestOf(all: Askable[]): number {
  return all.reduce((most, { seq }) => Math.max(most, seq), 0)
}
