import type { Db } from './database.ts'

/** A time in which nobody listened. */
export interface Gap {
  /** When a listener was last known to be there, in ms. */
  from: number
  /** Whether it ended in order, or nobody knows how. */
  why: 'stopped' | 'killed'
}

const names = { alive: 'listened_at', ended: 'listened_end', gap: 'gap_from', why: 'gap_why', ms: 'gap_ms' } as const

/** What a listener finds when it begins: the time since the last one, and since when something is not caught up. */
export interface FoundGaps {
  latest: Gap | null
  open: Gap | null
}

/** Notes that a listener begins; the time since the last one is from now on to be caught up. */
export function beginListening(db: Db, { now }: { now: number }): FoundGaps {
  const latest = sinceLast(db)
  const open = readOpenGap(db) ?? latest
  if (open) {
    put(db, names.gap, String(open.from))
    put(db, names.why, open.why)
    if (latest) put(db, names.ms, String(Number(get(db, names.ms) ?? 0) + now - latest.from))
  }
  noteListening(db, { now, ends: false })
  return { latest, open }
}

/** Notes that a listener lives, or ends in order. */
export function noteListening(db: Db, { now, ends }: { now: number; ends: boolean }): void {
  put(db, names.alive, String(now))
  put(db, names.ended, ends ? 'yes' : 'no')
}

/** What is not caught up yet, where nobody listens now. */
export function readGap(db: Db): Gap | null {
  return readOpenGap(db) ?? sinceLast(db)
}

function sinceLast(db: Db): Gap | null {
  const alive = get(db, names.alive)
  if (alive === null) return null
  return { from: Number(alive), why: get(db, names.ended) === 'yes' ? 'stopped' : 'killed' }
}

/** Since when, and for how long in all (in ms), nobody listened before the last listener began, where it is not caught up. */
export function readMissed(db: Db): { from: number; ms: number } | null {
  const open = readOpenGap(db)
  return open && { from: open.from, ms: Number(get(db, names.ms)) }
}

function readOpenGap(db: Db): Gap | null {
  const from = get(db, names.gap)
  return from === null ? null : { from: Number(from), why: get(db, names.why) === 'stopped' ? 'stopped' : 'killed' }
}

/** The gap was read; where nobody listens, another one begins `at` that time. */
export function closeGap(db: Db, { at, isListening }: { at: number; isListening: boolean }): void {
  db.run('DELETE FROM meta WHERE key IN (?, ?, ?)', names.gap, names.why, names.ms)
  if (!isListening) put(db, names.alive, String(at))
}

function get(db: Db, key: string): string | null {
  return db.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', key)?.value ?? null
}

function put(db: Db, key: string, value: string): void {
  db.run('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value', key, value)
}
