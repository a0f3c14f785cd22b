import { setTimeout as pause } from 'node:timers/promises'
import type { RateLimits } from '../core/api-definition.ts'

/** Lets work begin as fast as a provider allows, in the order in which it was asked for. */
export interface Pace {
  run<T>(work: () => Promise<T>): Promise<T>
}

/** The pace of one connection in this process; several processes together are slowed down by the provider's 429. */
export function makePace({ calls, seconds = 1, concurrent = Number.POSITIVE_INFINITY }: RateLimits): Pace {
  const begun: number[] = []
  const waiting: (() => void)[] = []
  let running = 0
  let turn = Promise.resolve()

  async function begin(): Promise<void> {
    if (running >= concurrent) await new Promise<void>(resolve => waiting.push(resolve))
    running++
    if (calls === undefined) return
    const oldest = begun.length < calls ? undefined : begun.shift()
    if (oldest !== undefined) await pause(Math.max(0, oldest + seconds * 1000 - performance.now()))
    begun.push(performance.now())
  }

  return {
    async run(work) {
      turn = turn.then(begin)
      await turn
      try {
        return await work()
      } finally {
        running--
        waiting.shift()?.()
      }
    },
  }
}
