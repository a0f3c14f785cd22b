/**
 * A time as providers write it, in ms since 1970: ISO 8601 (without a zone it is UTC), Unix seconds, or milliseconds.
 * Null for anything else.
 */
export function momentMs(text: string): number | null {
  if (/^\d{1,11}(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000)
  if (/^\d{12,15}$/.test(text)) return Number(text)
  if (!/^\d{4}-\d\d-\d\dT/.test(text)) return null
  // JavaScript reads a zone without a colon, and takes a time without one as local (ECMA-262, Date Time String Format).
  const ms = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`)
  return Number.isNaN(ms) ? null : ms
}

/** A time as calls of feeds have it: their slots `since.…`. */
export function sinceSlots(ms: number): Record<string, string> {
  const iso = new Date(ms).toISOString()
  return {
    'since.iso': iso,
    'since.s': String(Math.floor(ms / 1000)),
    'since.ms': String(ms),
    'since.utc': iso.slice(0, 19),
  }
}
