import type Database from 'better-sqlite3'
import { type RowIds, rowIds } from '../core/ids.ts'

/** The tables whose rows have an id that is made of their number. */
export type IdTable = 'events' | 'deliveries' | 'rejected'

export type TableIds = Record<IdTable, RowIds>

/** Gives SQL the functions that `idSql` calls. Up to a number the rows of a store may have ids of earlier versions. */
export function openRowIds(raw: Database.Database): TableIds {
  const meta = raw.prepare('SELECT value FROM meta WHERE key = ?').pluck()
  const salt = String(meta.get('id_salt'))
  const ids: TableIds = {
    events: withGiven(raw, 'events', rowIds('evt', 'events', salt), Number(meta.get('events_given'))),
    deliveries: rowIds('dlv', 'deliveries', salt),
    rejected: rowIds('dlv', 'rejected', salt),
  }
  for (const [table, { idOf }] of Object.entries(ids)) {
    raw.function(`id_of_${table}`, { deterministic: true }, (seq, at) => idOf(Number(seq), Number(at)))
  }
  return ids
}

function withGiven(raw: Database.Database, table: IdTable, ids: RowIds, given: number): RowIds {
  if (given === 0) return ids
  const stored = raw.prepare(`SELECT id FROM ${table} WHERE seq = ?`).pluck()
  return { ...ids, idOf: (seq, at) => (seq <= given && (stored.get(seq) as string)) || ids.idOf(seq, at) }
}

/** The id of a row; an earlier version may have stored one. */
export function idSql(table: IdTable, alias: string): string {
  return `iif(${alias}.id = '', id_of_${table}(${alias}.seq, ${alias}.received_at), ${alias}.id)`
}
