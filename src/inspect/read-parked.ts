import { shellWord } from '../core/shell-word.ts'
import type { ParkedEvent } from '../store/inspect-tenant-ops.ts'
import type { ParkedView } from './api.ts'
import type { InspectorDeps } from './inspector.ts'
import { accountWord } from './rows.ts'

const slice = 2_000
const mostHeaps = 500

/** What is parked, heap by heap: the events of one account (or of none) for one reason, the largest first. */
export async function readParked({ store, definitionOf, command }: InspectorDeps): Promise<ParkedView[]> {
  const heaps = new Map<string, ParkedView>()
  for (let behind = { accountId: 0, seq: 0 }; ; ) {
    const events = store.readNow('parkedSlice', { behind, limit: slice })
    for (const event of events) {
      const key = `${event.app} ${event.accountId} ${event.reason}`
      const heap = heaps.get(key) ?? newHeap(event)
      heaps.set(key, heap)
      heap.events++
      heap.firstAt = Math.min(heap.firstAt, event.receivedAt)
      heap.lastAt = Math.max(heap.lastAt, event.receivedAt)
    }
    const last = events.at(-1)
    if (!last || events.length < slice) break
    behind = last
    await new Promise(resolve => setImmediate(resolve))
  }
  return [...heaps.values()].sort((left, right) => right.events - left.events).slice(0, mostHeaps)

  function newHeap({ app, provider, kind, account, reason, receivedAt }: ParkedEvent): ParkedView {
    const line = `whs tenants map <tenant> --app ${app} --account ${shellWord(account ?? '')}`
    return {
      app,
      account: account ?? '',
      word: accountWord(definitionOf, provider, kind),
      reason,
      events: 0,
      firstAt: receivedAt,
      lastAt: receivedAt,
      claim: account !== null && reason === 'unknown-account' ? command(line) : null,
    }
  }
}
