import type Database from 'better-sqlite3'
import { type RowIds, rowIds } from '../core/ids.ts'

/** The tables whose rows have an id that is made of their number. */
export type IdTable = 'events' | 'deliveries' | 'rejected'

export type TableIds = Record<IdTable, RowIds>

/** Gives SQL the functions that `idSql` calls. */
export function openRowIds(raw: Database.Database): TableIds {
  const { value: salt } = raw.prepare("SELECT value FROM meta WHERE key = 'id_salt'").get() as { value: string }
  const ids: TableIds = {
    events: rowIds('evt', 'events', salt),
    deliveries: rowIds('dlv', 'deliveries', salt),
    rejected: rowIds('dlv', 'rejected', salt),
  }
  for (const [table, { idOf }] of Object.entries(ids)) {
    raw.function(`id_of_${table}`, { deterministic: true }, (seq, at) => idOf(Number(seq), Number(at)))
  }
  return ids
}

/** The id of a row; an earlier version may have stored one. */
export function idSql(table: IdTable, alias: string): string {
  return `iif(${alias}.id = '', id_of_${table}(${alias}.seq, ${alias}.received_at), ${alias}.id)`
}
