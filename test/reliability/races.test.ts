import { expect, test } from 'vitest'
import { prepareHome, signature, startListening } from '../helpers/listening.ts'
import { deliveryOf, inParallel, openLoad } from '../helpers/load.ts'
import { openOrderBook } from '../helpers/order-book.ts'
import { acme as account } from '../helpers/simulated.ts'
import { mustRun, openSimulatedApp } from '../helpers/simulated-app.ts'
import { sized } from '../helpers/sized.ts'
import { faultsIn, storedEvents } from '../helpers/soundness.ts'

/** Something that took its time and was true or false before and after, but who knows when in between. */
interface Span {
  from: number
  to: number
}
/** A change by another process, and whose the account is when it is done. */
interface Change extends Span {
  owner: string | null
}
interface Sent extends Span {
  id: string
  status: number
}

async function timed<T>(act: () => Promise<T>): Promise<[T, Span]> {
  const from = performance.now()
  const result = await act()
  return [result, { from, to: performance.now() }]
}

const pauseMs = 4

/** Sends one after the other until `isOver`, each a new event. */
async function stream(isOver: () => boolean, send: (id: string) => Promise<number>): Promise<Sent[]> {
  const sent: Sent[] = []
  let count = 0
  await inParallel(3, async () => {
    const id = `n${++count}`
    const [status, span] = await timed(() => send(id))
    sent.push({ id, status, ...span })
    await new Promise(resolve => setTimeout(resolve, pauseMs))
    return !isOver()
  })
  return sent
}

test('accounts are claimed and let go by other processes under load: an event is parked before a claim and released by it, or resolved after it', async () => {
  const { home, webhookSecret, connect } = await openSimulatedApp()
  const book = await openOrderBook()
  const listening = await startListening(['--forward', String(book.port)], { home })
  const load = openLoad(listening.url)
  const changes: Change[] = []
  const change = async (owner: string | null, act: () => Promise<unknown>): Promise<void> => {
    const [, span] = await timed(act)
    changes.push({ ...span, owner })
  }
  const tenants = (word: string, tenant: string, ...more: string[]): Promise<string> =>
    mustRun(['tenants', word, tenant, '--app', 'quickbooks', ...more], home)

  let isOver = false
  const sending = stream(
    () => isOver,
    id => {
      const body = deliveryOf([{ account, id }])
      return load.send(body, signature(body, webhookSecret))
    },
  )
  for (let round = 0; round < sized(1, 12); round++) {
    await change('acme', () => tenants('map', 'acme', '--account', account))
    await change(null, () => tenants('unmap', 'acme', '--account', account))
    await change('globex', () => connect('globex', account))
    await change(null, () => tenants('disconnect', 'globex'))
  }
  await change('initech', () => tenants('map', 'initech', '--account', account))
  isOver = true
  const sent = await sending
  expect(sent.filter(({ status }) => status !== 200)).toEqual([])

  const stored = new Map(storedEvents(home).map(event => [event.providerId, event]))
  const wrong = sent.filter(one => {
    const event = stored.get(one.id)
    const wanted = wantedOwners(changes, one)
    return !event || !wanted.includes(`${event.tenant}${event.releasedAt === null ? '' : ', released'}`)
  })
  expect(wrong.map(one => [one, wantedOwners(changes, one), stored.get(one.id)])).toEqual([])
  expect(new Set([...stored.values()].map(({ tenant }) => tenant))).toEqual(new Set(['acme', 'globex', 'initech']))
  await expect.poll(() => book.has(stored.keys()), { timeout: 30_000 }).toBe(true)
  expect(sent.filter(({ id }) => book.times(id) !== 1)).toEqual([])
  const strayed = book.arrivals.filter(({ tenant, ids }) => ids.some(id => stored.get(id)?.tenant !== tenant))
  expect(strayed).toEqual([])
  expect(faultsIn(home)).toEqual([])
})

/** Whose an event may be: the owner of the moment, or whoever claims it next. */
function wantedOwners(changes: Change[], { from, to }: Span): string[] {
  const before = changes.findLastIndex(change => change.to <= from)
  const after = changes.findIndex(change => change.from >= to)
  const owners = changes.slice(Math.max(before, 0), after < 0 ? undefined : after).map(({ owner }) => owner)
  const states = before < 0 ? [null, ...owners] : owners
  return states.map((owner, index) => {
    if (owner !== null) return owner
    const next = changes.slice(before < 0 ? index : before + index).find(change => change.owner !== null)
    return `${next?.owner}, released`
  })
}

test('a secret is changed by another process under load: what is signed with it is taken in, before and after; the old one ends', async () => {
  const secretOf = (number: number): string => `secret-number-${number}-5c0de`
  const home = await prepareHome({ tenants: { acme: '1' }, secret: secretOf(0) })
  const book = await openOrderBook()
  const listening = await startListening(['--forward', String(book.port)], { home })
  const load = openLoad(listening.url)
  const changes: Span[] = [{ from: 0, to: 0 }]
  let isOver = false
  const usedBy = new Map<string, number>()
  let turn = 0
  const sending = stream(
    () => isOver,
    id => {
      const used = changes.length - 1 + (turn++ % 3) - 1
      usedBy.set(id, used)
      const body = deliveryOf([{ account: '1', id }])
      return load.send(body, signature(body, secretOf(used)))
    },
  )
  const last = sized(3, 30)
  for (let number = 1; number <= last; number++) {
    const args = ['app', 'set', 'quickbooks', '--webhook-secret', '-', '--keep-old', '0']
    const [, span] = await timed(() => mustRun(args, home, `${secretOf(number)}\n`))
    changes.push(span)
  }
  isOver = true
  const sent = await sending
  const stored = new Set(storedEvents(home).map(({ providerId }) => providerId))
  const wrong = sent.filter(({ id, status, from, to }) => {
    const used = usedBy.get(id) as number
    const begin = changes[used]
    const end = changes[used + 1]
    if (status !== 200 && status !== 401) return true
    if (status === 200 && !stored.has(id)) return true
    const isAfter = end !== undefined && from >= end.to
    if (isAfter) return status === 200 || stored.has(id)
    const isWithin = begin !== undefined && from >= begin.to && (end === undefined || to <= end.from)
    if (isWithin) return status !== 200
    // Sent before the secret was known: refused, kept, and taken in when it is.
    const isBefore = begin !== undefined && to <= begin.to && (end === undefined || to <= end.from)
    return isBefore && !stored.has(id)
  })
  expect(wrong.map(one => [one, usedBy.get(one.id), changes])).toEqual([])
  await expect.poll(() => book.has(stored), { timeout: 30_000 }).toBe(true)
  expect([...stored].filter(id => book.times(id) !== 1)).toEqual([])
  expect(faultsIn(home)).toEqual([])
})
