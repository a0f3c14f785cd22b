import type { Db } from './database.ts'
import { type IdTable, idSql } from './row-ids.ts'

/** What an id's end may mean. */
export interface FoundIds {
  events: { seq: number; id: string }[]
  deliveries: { seq: number; id: string }[]
  rejected: { seq: number; id: string }[]
}

const mostFound = 20

/** What ends in these letters, newest first, at most 20 of each. */
export function findByEnd(db: Db, { end }: { end: string }): FoundIds {
  const find = (table: IdTable): { seq: number; id: string }[] => {
    const { newest } = db.get<{ newest: number }>(`SELECT coalesce(max(seq), 0) AS newest FROM ${table}`) ?? {
      newest: 0,
    }
    const found: { seq: number; id: string }[] = []
    for (const seq of db.ids[table].seqsOf(end, newest)) {
      const row = db.get<{ id: string }>(`SELECT ${idSql(table, 'r')} AS id FROM ${table} r WHERE r.seq = ?`, seq)
      if (row?.id.endsWith(end)) found.push({ seq, id: row.id })
      if (found.length === mostFound) break
    }
    const given = `SELECT seq, id FROM ${table} INDEXED BY ${table}_given WHERE id <> '' AND id LIKE ? ORDER BY seq DESC LIMIT ${mostFound}`
    const old = db
      .all<{ seq: number; id: string }>(given, `%${end}`)
      .filter(one => !found.some(({ seq }) => seq === one.seq))
    return [...found, ...old].slice(0, mostFound)
  }
  return { events: find('events'), deliveries: find('deliveries'), rejected: find('rejected') }
}
