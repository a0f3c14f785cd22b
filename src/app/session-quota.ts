import type { EventForward } from '../store/event-ops.ts'
import type { Fact } from './facts.ts'

/** Ends a session after so many events. */
export interface Quota {
  /** Whether the fact still belongs to the session: events behind the last one, and their answers, do not. */
  takes(fact: Fact): boolean
  /** Resolves when all have come, and each was tried at its targets once or nobody is there. */
  met: Promise<void>
  /** How many came. */
  count(): number
}

export function makeQuota(wanted: number): Quota {
  const shown = new Set<string>()
  /** Forwards that were not tried yet, with where they go. */
  const waiting = new Map<number, string>()
  const held = new Set<string>()
  let resolve: () => void = () => undefined
  const met = new Promise<void>(done => {
    resolve = done
  })

  function take(fact: Fact): boolean {
    if (fact.kind === 'held') held.add(fact.target)
    if (fact.kind === 'resumed') held.delete(fact.target)
    if (fact.kind === 'attempt') {
      const { eventIds, forwardSeq } = fact.attempt
      if (forwardSeq !== null) waiting.delete(forwardSeq)
      return eventIds.some(id => shown.has(id)) || shown.size < wanted
    }
    if (fact.kind !== 'event') return true
    const { id, repeatOf, forwards, source } = fact.event
    if (shown.size >= wanted) return false
    if (source === 'lifecycle') return true
    if (repeatOf && forwards === '[]') return true
    shown.add(id)
    for (const { seq, target, tries, state } of JSON.parse(forwards) as EventForward[]) {
      if (state === 'open' && tries === 0) waiting.set(seq, target)
    }
    return true
  }

  return {
    takes(fact) {
      const isTaken = take(fact)
      const isTried = [...waiting.values()].every(target => held.has(new URL(target).origin))
      if (shown.size >= wanted && isTried) resolve()
      return isTaken
    },
    met,
    count: () => shown.size,
  }
}
