import { isSuccess } from '../core/retry.ts'
import type { StoredAttempt } from '../store/attempt-ops.ts'
import type { EndCounts, Fact } from './facts.ts'

/** Adds up what a session tells at its end. */
export interface Counter {
  count(fact: Fact): void
  counts(open: number): EndCounts
}

export function makeCounter(): Counter {
  let events = 0
  let parked = 0
  let rejected = 0
  let repeats = 0
  const tenants = new Set<string>()
  const answered = new Set<string>()
  const retried = new Set<string>()
  const failed = new Set<string>()

  function countAttempt({ eventIds, status, nextAt, number, replay, tenant }: StoredAttempt): void {
    // Events that were parked when they came have got their tenant since.
    if (tenant) tenants.add(tenant)
    for (const id of eventIds) {
      if (isSuccess(status)) {
        answered.add(id)
        failed.delete(id)
        if (number > 1 && !replay) retried.add(id)
      } else if (nextAt === null && !replay) failed.add(id)
    }
  }

  return {
    count(fact) {
      if (fact.kind === 'attempt') return countAttempt(fact.attempt)
      if (fact.kind === 'rejected') rejected++
      if (fact.kind !== 'event') return
      const { scope, repeatOf, forwards, tenant, source } = fact.event
      if (source === 'lifecycle') return
      if (repeatOf && forwards === '[]') repeats++
      else {
        events++
        if (scope === 'parked') parked++
        if (tenant) tenants.add(tenant)
      }
    },
    counts: open => ({
      events,
      tenants: tenants.size,
      answered: answered.size,
      retried: retried.size,
      parked,
      rejected,
      repeats,
      open,
      failed: failed.size,
    }),
  }
}
