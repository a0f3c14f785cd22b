import type { Db } from './database.ts'

/**
 * Gives so many free pages of the file back to the system; how many are free then. Null where the file was made by a
 * version that could not: it is written anew instead, once, where `mayRewrite` says that nobody else is there.
 */
export function shrinkFile(db: Db, { pages, mayRewrite }: { pages: number; mayRewrite: boolean }): number | null {
  const isIncremental = db.raw.pragma('auto_vacuum', { simple: true }) === 2
  if (isIncremental) db.raw.pragma(`incremental_vacuum(${pages})`)
  else if (mayRewrite) {
    db.raw.pragma('auto_vacuum = INCREMENTAL')
    db.raw.exec('VACUUM')
  } else return null
  const free = db.raw.pragma('freelist_count', { simple: true }) as number
  if (free === 0) db.raw.pragma('wal_checkpoint(TRUNCATE)')
  return free
}
