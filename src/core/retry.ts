/** What came of one try at a forward. */
export type TryOutcome =
  | { status: number; retryAfterMs?: number }
  /** `nobody`: refused, unknown host, unreachable. `cut`: the connection broke before an answer. `timeout`: no answer in time. */
  | { error: 'nobody' | 'cut' | 'timeout'; detail: string }

export type TryClass = 'done' | 'nobody' | 'busy' | 'bad' | 'final'

/** How a try counts: see DESIGN §6, Lanes. */
export function classify(outcome: TryOutcome): TryClass {
  if ('error' in outcome) {
    if (outcome.error === 'nobody') return 'nobody'
    return outcome.error === 'cut' ? 'busy' : 'bad'
  }
  const { status } = outcome
  if (isSuccess(status)) return 'done'
  if (status === 429 || status === 502 || status === 503 || status === 504) return 'busy'
  if (status === 408 || status === 425 || status >= 500) return 'bad'
  return 'final'
}

/** Whether an answer, where there was one, is a 2xx. */
export function isSuccess(status: number | null | undefined): boolean {
  return typeof status === 'number' && status >= 200 && status < 300
}

const busyWaits = [1_000, 5_000, 15_000]
export const busyTries = 3

/** How long a lane waits before busy try number `tries + 1`, in ms. A `Retry-After` is believed up to ten minutes. */
export function busyWait(tries: number, retryAfterMs?: number): number {
  if (retryAfterMs !== undefined) return Math.min(Math.max(retryAfterMs, 0), 600_000)
  return busyWaits[Math.min(tries, busyWaits.length) - 1] ?? 1_000
}

const badWaits = [5_000, 30_000, 120_000, 600_000, 1_800_000]
const hour = 3_600_000
const lastTry = 24 * hour

/**
 * How long until a bad forward is tried again, in ms, or null when it has failed for good: 5 s, 30 s, 2, 10, 30 min,
 * then hourly until 24 h after the first try; ±10 % by `random` (0 … 1).
 */
export function badWait(tries: number, sinceFirstTryMs: number, random: number): number | null {
  const wait = (badWaits[tries - 1] ?? hour) * (0.9 + 0.2 * random)
  return sinceFirstTryMs + wait > lastTry ? null : Math.round(wait)
}

/** The pauses between probes of a target where nobody is: 0.25 s, doubling, at most 5 s. */
export function probeWait(probes: number): number {
  return Math.min(250 * 2 ** Math.max(0, probes - 1), 5_000)
}

/** `Retry-After` (RFC 9110 §10.2.3) in ms: seconds or an HTTP date (§5.6.7, all three forms). Anything else is none. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value.trim())) return Number(value.trim()) * 1000
  // Date.parse finds a date in almost anything with a number in it; an HTTP date begins with its weekday.
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(value.trim())) return undefined
  const date = Date.parse(value.trim().endsWith('GMT') ? value : `${value.trim()} GMT`)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}
