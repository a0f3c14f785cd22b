import type { Filter } from '../core/filter.ts'
import type { Db } from './database.ts'
import { among, filterJoins, filterSql } from './filter-sql.ts'
import { type Conditions, hintSql, timeSql } from './rare-events.ts'

/** Which events a query asks for. */
export interface EventWish {
  filter: Filter
  /** Only of these seqs. */
  only?: number[]
}

/** How much is asked of the indexes. A page that goes on from another one needs no bounds of time: those cost by their span. */
export interface Looking {
  hint: boolean
  time: boolean
}

/** The same as conditions over events e. */
export function eventConditions(db: Db, { filter, only }: EventWish, { hint, time }: Looking): Conditions {
  const { where, args } = filterSql(filter)
  for (const more of [hint ? hintSql(db, filter) : null, time ? timeSql(db, filter) : null]) {
    where.push(...(more?.where ?? []))
    args.push(...(more?.args ?? []))
  }
  among(only, where, args)
  return { where, args }
}

export function whereSql(where: string[]): string {
  return where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''
}

/** How many pass a filter; it counts no further than to `most`. */
export function countEvents(db: Db, { most, ...query }: EventWish & { most?: number }): number {
  if (most === undefined && query.only === undefined && Object.keys(query.filter).length === 0) return countAll(db)
  const { where, args } = eventConditions(db, query, { hint: true, time: true })
  const found = `SELECT 1 ${filterJoins(query.filter)} ${whereSql(where)} LIMIT ?`
  return db.get<{ count: number }>(`SELECT count(*) AS count FROM (${found})`, ...args, most ?? -1)?.count ?? 0
}

function countAll(db: Db): number {
  return db.get<{ count: number }>('SELECT count(*) AS count FROM events')?.count ?? 0
}
