import type { Db } from './database.ts'
import { deliveryColumns, type ForwardWork, type NewAttempt, recordAttempt } from './forward-ops.ts'

/** A part of a delivery that a person replays: some of its events of one tenant, for one target. Never a row in `forwards`. */
export interface PartKey {
  deliverySeq: number
  tenantId: number | null
  tenant: string | null
  target: string
}

/** How many bytes of bodies are read at once, beyond the first. */
const mostBytes = 8 * 1_048_576

/**
 * The first of some parts with their deliveries, as many as have 8 MiB together and at least one; null for a delivery that
 * is gone. Their events are the caller's to fill in. A page costs three queries, however many parts are in it.
 */
export function readParts(db: Db, { parts }: { parts: PartKey[] }): (ForwardWork | null)[] {
  const chosen = parts.slice(0, fitting(db, parts))
  const seqs = JSON.stringify([...new Set(chosen.map(({ deliverySeq }) => deliverySeq))])
  const rows = db.all<DeliveryPart>(
    `SELECT d.seq AS deliverySeq, ${deliveryColumns} FROM json_each(?) j JOIN deliveries d ON d.seq = j.value
     JOIN apps a ON a.id = d.app_id`,
    seqs,
  )
  const deliveries = new Map(rows.map(row => [row.deliverySeq, row]))
  const tries = new Map<string, number>()
  for (const { deliverySeq, tenantId, target, count } of db.all<PartKey & { count: number }>(
    `SELECT p.delivery_seq AS deliverySeq, p.tenant_id AS tenantId, p.target, count(*) AS count FROM json_each(?) j
     JOIN attempts p ON p.delivery_seq = j.value GROUP BY 1, 2, 3`,
    seqs,
  ))
    tries.set(`${deliverySeq} ${tenantId} ${target}`, count)
  const taken = new Set<number>()
  return chosen.map(({ deliverySeq, tenantId, tenant, target }) => {
    const delivery = deliveries.get(deliverySeq)
    if (!delivery) return null
    // A copy of so many fields costs more than the query; only a delivery of several parts needs one.
    const isTaken = taken.has(deliverySeq)
    taken.add(deliverySeq)
    const work = (isTaken ? { ...delivery } : delivery) as ForwardWork
    work.seq = 0
    work.state = 'open'
    work.tenantId = tenantId
    work.tenant = tenant
    work.target = target
    work.tries = tries.get(`${deliverySeq} ${tenantId} ${target}`) ?? 0
    work.busy = 0
    work.firstTryAt = null
    work.events = []
    return work
  })
}

type Own = 'tenantId' | 'tenant' | 'target' | 'tries' | 'seq' | 'state' | 'busy' | 'firstTryAt' | 'events'
type DeliveryPart = Omit<ForwardWork, Own>

/** How many of the parts fit together. */
function fitting(db: Db, parts: PartKey[]): number {
  const sizes = new Map(
    db
      .all<{ seq: number; bytes: number }>(
        'SELECT d.seq, length(d.body) AS bytes FROM json_each(?) j JOIN deliveries d ON d.seq = j.value',
        JSON.stringify(parts.map(({ deliverySeq }) => deliverySeq)),
      )
      .map(({ seq, bytes }) => [seq, bytes]),
  )
  let bytes = 0
  const at = parts.findIndex(({ deliverySeq }, index) => {
    bytes += sizes.get(deliverySeq) ?? 0
    return index > 0 && bytes > mostBytes
  })
  return at < 0 ? parts.length : at
}

/** Replays on their way to the writer: what was answered stands side by side in one piece of bytes. */
export interface NewReplays {
  attempts: (Omit<NewAttempt, 'answerBody'> & { body: [from: number, to: number] | null })[]
  bodies: Uint8Array
}

/** Writes replays down as one; gives the number of each, 0 for one whose tenant or events are gone meanwhile. */
export function recordReplays(db: Db, { attempts, bodies }: NewReplays): number[] {
  return attempts.map(({ body, ...attempt }) => {
    const answerBody = body && bodies.subarray(...body)
    return recordAttempt(db, { ...attempt, answerBody }).seq
  })
}
