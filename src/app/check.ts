/** One thing that `doctor` looked at. */
export interface Check {
  name: string
  level: 'ok' | 'warning' | 'fault'
  detail: string
  /** What to type or do, where something is wrong. */
  fix: string | null
}

/** A check that passed. */
export function ok(name: string, detail: string): Check {
  return { name, level: 'ok', detail, fix: null }
}

/** Something that will or may go wrong, and what mends it. */
export function warning(name: string, detail: string, fix: string): Check {
  return { name, level: 'warning', detail, fix }
}

/** Something that is wrong now, and what mends it. */
export function fault(name: string, detail: string, fix: string): Check {
  return { name, level: 'fault', detail, fix }
}
