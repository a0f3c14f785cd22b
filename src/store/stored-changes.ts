import { momentMs } from '../core/moment.ts'
import { resourceKey } from '../core/same-change.ts'
import type { Db } from './database.ts'
import type { Draft } from './resolve.ts'
import type { NewReading } from './store-reading-op.ts'

/** Changes of things that stored events told of. */
export interface StoredChanges {
  /** Whether one told of the same change, for the same tenant and account. */
  has(draft: Draft): boolean
}

interface Row {
  type: string
  id: string
  time: string
}

/**
 * The changes that events told of which came since a time, of the things that are named in answers. They are looked up once
 * a tenant and account, since events have no index over things.
 */
export function storedChanges(
  db: Db,
  { answers, comparedSince }: Pick<NewReading, 'answers' | 'comparedSince'>,
): StoredChanges {
  const ids = new Set(answers.flatMap(({ items }) => items.flatMap(({ resource }) => resource?.id ?? [])))
  const named = JSON.stringify([...ids])
  const known = new Map<string, Map<string, number[]>>()

  function timesOf(tenantId: number, accountId: number): Map<string, number[]> {
    const key = `${tenantId} ${accountId}`
    const found = known.get(key)
    if (found) return found
    const times = new Map<string, number[]>()
    const rows = db.all<Row>(
      `SELECT resource_type AS type, resource_id AS id, occurred_at AS time FROM events
       WHERE tenant_id = ? AND received_at >= ? AND account_id = ? AND occurred_at IS NOT NULL
         AND resource_id IN (SELECT value FROM json_each(?))`,
      tenantId,
      comparedSince,
      accountId,
      named,
    )
    for (const row of rows) {
      const at = momentMs(row.time)
      if (at === null) continue
      const resource = resourceKey(row)
      times.set(resource, [...(times.get(resource) ?? []), at])
    }
    known.set(key, times)
    return times
  }

  return {
    has({ item: { change }, tenantId, accountId }) {
      if (change === undefined || tenantId === null || accountId === null) return false
      const times = timesOf(tenantId, accountId).get(change.resource) ?? []
      return times.some(at => Math.abs(at - change.at) <= change.within)
    },
  }
}
