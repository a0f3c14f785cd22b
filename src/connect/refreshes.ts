import { setTimeout as pause } from 'node:timers/promises'
import type { Store } from '../store/store.ts'

/** The longest that one request to refresh takes. */
export const refreshTimeoutMs = 15_000

const flights = new WeakMap<Store, Map<number, Promise<void>>>()
const drainMs = 1_500

/** The refreshes that are under way in this process, by token set. */
export function refreshesOf(store: Store): Map<number, Promise<void>> {
  const known = flights.get(store) ?? new Map<number, Promise<void>>()
  flights.set(store, known)
  return known
}

/** Resolves when no refresh is under way here any more, or after 1.5 s: what a provider has given out must be stored. */
export async function refreshesEnd(store: Store | undefined): Promise<void> {
  const running = [...((store && flights.get(store)?.values()) ?? [])]
  if (running.length === 0) return
  await Promise.race([Promise.allSettled(running), pause(drainMs, undefined, { ref: false })])
}
