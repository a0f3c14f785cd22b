import { exits, WhsError } from '../core/errors.ts'
import type { Db } from './database.ts'

/** From now on this store refuses to listen: it lives on where its backup is restored. */
export function retireStore(db: Db): void {
  const sql = "INSERT INTO meta VALUES ('retired_at', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
  db.run(sql, String(db.now()))
}

/** @throws WhsError `retired` (exit 7) */
export function refuseRetired(db: Db): void {
  const row = db.get<{ value: string }>("SELECT value FROM meta WHERE key = 'retired_at'")
  if (!row) return
  throw new WhsError({
    code: 'retired',
    exit: exits.held,
    what: 'this store does not listen any more',
    why: `it was retired by a backup at ${new Date(Number(row.value)).toISOString()}, so that it and its copy do not fight`,
    next: 'listen where that was restored; to come back: whs backup <file> --retire there, then whs restore <file> into an empty WHS_HOME here',
  })
}
