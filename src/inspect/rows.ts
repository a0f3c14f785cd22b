import type { ProviderDefinition } from '../core/definition.ts'
import type { EventForward, StoredEvent } from '../store/event-ops.ts'
import type { StoredRejected } from '../store/rejected-ops.ts'
import type { Store } from '../store/store.ts'
import type { EventRow } from './api.ts'

/** What rows and lists are made with. */
export interface RowDeps {
  store: Store
  /** @throws WhsError where there is no such provider any more */
  definitionOf(provider: string): ProviderDefinition
}

/** Events by their numbers as rows, newest first; what is gone by now is left out. Reads nothing where there are none. */
export function eventRows({ store, definitionOf }: RowDeps, seqs: number[]): EventRow[] {
  if (seqs.length === 0) return []
  const events = store.readNow('listEvents', { filter: {}, order: 'newest', only: seqs, limit: seqs.length })
  const deliverySeqs = [...new Set(events.map(({ deliverySeq }) => deliverySeq))]
  const lastMs = store.readNow('lastTries', { deliverySeqs })
  return events.map(event => eventRow({ definitionOf }, event, lastMs))
}

/** An event as a row; `lastMs` is how long the last try of each of its forwards took. */
function eventRow(
  { definitionOf }: Pick<RowDeps, 'definitionOf'>,
  event: StoredEvent,
  lastMs: Map<number, number>,
): EventRow {
  const { seq, id, deliveryId, receivedAt: at, provider, app, env, scope, reason, tenant, account } = event
  const { resourceType: type, resourceId, source, verified, repeatOf, part, parts } = event
  const forwards = JSON.parse(event.forwards) as EventForward[]
  const common = { seq, id, deliveryId, at, provider, app, env, scope, reason, tenant, account }
  return {
    ...common,
    accountWord: account === null ? null : accountWord(definitionOf, provider, event.accountKind),
    event: event.event,
    resource: type === null ? null : { type, id: resourceId ?? '' },
    source,
    verified,
    repeatOf,
    part: parts > 1 ? `${part}/${parts}` : null,
    forwards: forwards.map(({ seq: forward, ...rest }) => ({ ...rest, ms: lastMs.get(forward) ?? null })),
  }
}

/** A request that did not verify as a row. */
export function rejectedRow(rejected: StoredRejected): EventRow {
  const { seq, id, receivedAt: at, provider, app, env, reason, source } = rejected
  const known = { seq, id, deliveryId: id, at, provider, app, env, reason, source }
  const unknown = { tenant: null, account: null, accountWord: null, event: null, resource: null, repeatOf: null }
  return { ...known, ...unknown, scope: 'rejected', verified: 'none', part: null, forwards: [] }
}

/** The provider's own word for a kind of account; `account` where its definition is gone. */
export function accountWord(definitionOf: RowDeps['definitionOf'], provider: string, kind: string | null): string {
  try {
    const { accounts } = definitionOf(provider)
    return (accounts.find(one => one.kind === kind) ?? accounts[0])?.word ?? 'account'
  } catch {
    return 'account'
  }
}
