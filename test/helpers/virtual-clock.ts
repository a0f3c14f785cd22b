import type { RenewalClock } from '../../src/connect/activation/renewals.ts'

/** Timers that run when a test lets the time pass; `pass` waits until what ran has set the next one. */
export function virtualClock(clock: { now: number }) {
  let timer: { at: number; run: () => void } | null = null
  let isSet = (): void => undefined
  const renewals: RenewalClock = {
    setTimer(run, ms) {
      timer = { at: clock.now + ms, run }
      isSet()
      return () => {
        timer = null
      }
    },
  }
  async function pass(ms: number): Promise<void> {
    const end = clock.now + ms
    for (;;) {
      if (timer === null) await new Promise<void>(resolve => (isSet = resolve))
      const next = timer as unknown as { at: number; run: () => void }
      if (next.at > end) break
      clock.now = Math.max(clock.now, next.at)
      timer = null
      next.run()
    }
    clock.now = end
  }
  return { renewals, pass }
}
