import { join } from 'node:path'
import Database from 'better-sqlite3'
import { idSql, openRowIds } from '../../src/store/row-ids.ts'
import { queryFile } from './temp-home.ts'

/** What is never found in a store in which every event has a tenant and every tenant a target. */
const faults = {
  'a delivery without all of its events': `SELECT d.seq FROM deliveries d WHERE
    (SELECT count(DISTINCT start) FROM events WHERE delivery_seq = d.seq) <> d.items`,
  'an event without its delivery': 'SELECT seq FROM events WHERE delivery_seq NOT IN (SELECT seq FROM deliveries)',
  'the same event twice': `SELECT provider_event_id FROM events WHERE repeat_of IS NULL AND provider_event_id IS NOT NULL
    GROUP BY account_id, tenant_id, provider_event_id HAVING count(*) > 1`,
  'an event in two forwards': `SELECT j.value FROM forwards f, json_each(f.events) j GROUP BY j.value HAVING count(*) > 1`,
  // What tells of a consent goes only where a rule asks for it.
  'an event that is stranded': `SELECT e.seq FROM events e JOIN deliveries d ON d.seq = e.delivery_seq
    WHERE e.tenant_id IS NOT NULL AND e.repeat_of IS NULL AND d.source <> 'lifecycle' AND e.seq NOT IN (SELECT j.value FROM forwards f, json_each(f.events) j)`,
  "a forward with another tenant's event": `SELECT f.seq FROM forwards f, json_each(f.events) j JOIN events e ON e.seq = j.value
    WHERE e.tenant_id IS NOT f.tenant_id`,
}

/** Everything that is wrong in the file of a store; the file itself is checked page by page. */
export function faultsIn(home: string): string[] {
  const [check] = queryFile<{ integrity_check: string }>(home, 'PRAGMA integrity_check')
  const keys = queryFile(home, 'PRAGMA foreign_key_check')
  const found = Object.entries(faults).flatMap(([what, sql]) => {
    const rows = queryFile(home, sql)
    return rows.length === 0 ? [] : [`${what}: ${JSON.stringify(rows.slice(0, 3))} (${rows.length})`]
  })
  return [...(check?.integrity_check === 'ok' ? [] : [JSON.stringify(check)]), ...keys.map(String), ...found]
}

/** An event as it is stored, once, whatever came again. */
export interface StoredEvent {
  id: string
  providerId: string
  deliveryId: string
  tenant: string | null
  releasedAt: number | null
}

/** All events that are no repeats, in the order in which they were stored. */
export function storedEvents(home: string): StoredEvent[] {
  const raw = new Database(join(home, 'whs.db'))
  try {
    openRowIds(raw)
    const sql = `SELECT ${idSql('events', 'e')} AS id, e.provider_event_id AS providerId, ${idSql('deliveries', 'd')} AS deliveryId,
        t.name AS tenant, e.released_at AS releasedAt
      FROM events e JOIN deliveries d ON d.seq = e.delivery_seq LEFT JOIN tenants t ON t.id = e.tenant_id
      WHERE e.repeat_of IS NULL AND d.source <> 'lifecycle' ORDER BY e.seq`
    return raw.prepare(sql).all() as StoredEvent[]
  } finally {
    raw.close()
  }
}
