import type { ActivationDeps } from './activation-deps.ts'
import type { ActivationOutcome } from './activation-outcome.ts'
import { nextDueAt, type RenewWish, renewDue } from './renew-due.ts'

export interface RenewalDeps extends ActivationDeps, RenewWish {
  onOutcome(outcome: ActivationOutcome): void
  /** Something failed that is no provider's refusal. It goes on. */
  onFault(error: unknown): void
}

/** What wakes the renewals. */
export interface RenewalClock {
  /** Runs once after some milliseconds; returns what cancels it. */
  setTimer(run: () => void, ms: number): () => void
}

export interface Renewals {
  /** Ends it, after the call that is under way. */
  stop(): Promise<void>
}

/** The wall clock may jump, and a machine that sleeps wakes no timer: due times are looked at this often. */
const longestMs = 15 * 60_000
const shortestMs = 1000

/** Keeps hooks alive while a listener runs: what died meanwhile at its start, then each when it is due. */
export function startRenewals(deps: RenewalDeps, clock: RenewalClock): Renewals {
  let isEnded = false
  let cancel = (): void => undefined
  let running = run()

  async function run(): Promise<void> {
    try {
      for (const outcome of await renewDue(deps, deps)) deps.onOutcome(outcome)
      const next = await nextDueAt(deps)
      wake(next === null ? longestMs : next - deps.now())
    } catch (error) {
      if (isEnded) return
      deps.onFault(error)
      wake(longestMs)
    }
  }

  function wake(ms: number): void {
    if (isEnded) return
    const wait = Math.min(Math.max(ms, shortestMs), longestMs)
    cancel = clock.setTimer(() => {
      running = run()
    }, wait)
  }

  return {
    async stop() {
      isEnded = true
      cancel()
      await running
    },
  }
}
