import type { ActivationApi } from '../../core/activation-definition.ts'
import type { ProviderDefinition } from '../../core/definition.ts'
import type { Failure } from './failure.ts'

const hour = 3_600_000
const minute = 60_000
const waits = [minute, 5 * minute, 15 * minute, hour]
/** For what does not pass by itself: somebody may have mended it. */
const lastingWait = 6 * hour

/** When a hook that ends then is renewed: its margin before, but not at once again where that is longer than its life. */
export function renewalAt({ marginHours }: ActivationApi, now: number, expiresAt: number | null): number | null {
  if (expiresAt === null) return null
  const life = Math.max(expiresAt - now, 0)
  const margin = marginHours === undefined ? life / 4 : marginHours * hour
  return Math.round(Math.max(expiresAt - margin, now + Math.min(life / 2, hour)))
}

/** When a hook that is made or renewed now ends, where its answer does not say; null: never. */
export function lifeEnd({ activation: { days } }: ProviderDefinition, now: number): number | null {
  return days === undefined ? null : now + Math.round(days * 86_400) * 1000
}

/** When what failed `tries` times in a row is tried again. */
export function againAt(
  { isPassing, afterMs }: Pick<Failure, 'isPassing' | 'afterMs'>,
  now: number,
  tries: number,
): number {
  const wait = isPassing ? (waits[Math.min(tries, waits.length) - 1] ?? minute) : lastingWait
  return now + Math.max(wait, afterMs ?? 0)
}
