import type { Filter } from '../core/filter.ts'
import type { Db } from './database.ts'
import { among, filterJoins, filterSql } from './filter-sql.ts'
import { hintSql } from './rare-events.ts'

/** Which events a query asks for. */
export interface EventWish {
  filter: Filter
  /** Only of these seqs. */
  only?: number[]
}

/** The same as conditions over events e; where they may be far away, the indexes are asked where to look. */
export function eventConditions(
  db: Db,
  { filter, only }: EventWish,
  mayBeFar: boolean,
): { where: string[]; args: (string | number)[] } {
  const { where, args } = filterSql(filter)
  const hint = mayBeFar ? hintSql(db, filter) : { where: [], args: [] }
  where.push(...hint.where)
  args.push(...hint.args)
  among(only, where, args)
  return { where, args }
}

export function whereSql(where: string[]): string {
  return where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''
}

/** How many pass a filter; it counts no further than to `most`. */
export function countEvents(db: Db, { most, ...query }: EventWish & { most?: number }): number {
  if (most === undefined && query.only === undefined && Object.keys(query.filter).length === 0) return countAll(db)
  const { where, args } = eventConditions(db, query, true)
  const found = `SELECT 1 ${filterJoins(query.filter)} ${whereSql(where)} LIMIT ?`
  return db.get<{ count: number }>(`SELECT count(*) AS count FROM (${found})`, ...args, most ?? -1)?.count ?? 0
}

function countAll(db: Db): number {
  return db.get<{ count: number }>('SELECT count(*) AS count FROM events')?.count ?? 0
}
