import { setTimeout as pause } from 'node:timers/promises'
import { type Clock, systemClock } from '../deliver/clock.ts'
import type { App } from './app.ts'
import { catchUp, mayCatchUp } from './catch-up.ts'
import type { Fact } from './facts.ts'
import { followUps } from './follow-ups.ts'
import { faultTeller } from './tell-seldom.ts'

export interface TendFeedsOptions {
  /** Reads at once what was missed since the last listener. */
  catchUp: boolean
  tell(fact: Fact): void
  clock?: Pick<Clock, 'setTimer'>
}

/** The care for feeds while a listener runs. */
export interface FeedTending {
  /** Ends in order; what is under way is given up at the next page, and goes on the next time. */
  stop(limitMs: number): Promise<void>
}

const noteEveryMs = 60_000
/** What is shorter is no matter of providers, which try again. */
const shortGapMs = 60_000

/**
 * Notes that somebody listens, so that a later listener knows what it missed; catches that up where it is wished, else
 * says that it could be; and reads what pings leave out.
 */
export function tendFeeds(app: App, { catchUp: isWished, tell, clock = systemClock }: TendFeedsOptions): FeedTending {
  const store = app.store()
  const onFault = faultTeller(app, tell, { code: 'feeds', what: 'what the API says is not read' })
  const ended = new AbortController()
  let cancel = (): void => undefined
  const follow = followUps(app, { clock, onGap: gap => tell({ kind: 'gap', gap }), onFault })

  function note(): void {
    if (ended.signal.aborted) return
    cancel = clock.setTimer(() => {
      // Where it fails, the writer is lost, and that is told.
      void store.write('noteListening', { now: app.now(), ends: false }).catch(() => undefined)
      note()
    }, noteEveryMs)
  }

  async function begin(): Promise<void> {
    const now = app.now()
    const { latest, open } = await store.write('beginListening', { now })
    note()
    if (isWished) {
      const onCaughtUp = (gap: Parameters<Parameters<typeof catchUp>[1]['onCaughtUp']>[0]): void =>
        tell({ kind: 'gap', gap })
      const wish = { since: null, tenants: null, apps: null, dry: false }
      const all = await catchUp(app, { ...wish, gap: open, signal: ended.signal, onCaughtUp })
      if (!ended.signal.aborted) {
        tell({ kind: 'gap', gap: { from: open?.from ?? null, to: now, why: open?.why ?? 'failed', all } })
      }
    } else if (latest && now - latest.from >= shortGapMs && (await mayCatchUp(app, null))) {
      tell({ kind: 'gap', gap: { ...latest, to: now, all: null } })
    }
  }

  const work = begin().catch(error => (ended.signal.aborted ? undefined : onFault(error)))
  return {
    async stop(limitMs) {
      ended.abort()
      cancel()
      const end = async (): Promise<void> => {
        await Promise.all([work, follow.stop(limitMs)])
        await store.write('noteListening', { now: app.now(), ends: true })
      }
      await Promise.race([end().catch(() => undefined), pause(limitMs, undefined, { ref: false })])
    },
  }
}
