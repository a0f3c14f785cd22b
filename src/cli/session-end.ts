import type { Session } from '../app/listen.ts'
import type { Quota } from '../app/session-quota.ts'
import { exits, WhsError } from '../core/errors.ts'
import { countText, durationText } from '../core/text.ts'
import type { Io } from './io.ts'
import type { RunningExec } from './run-exec.ts'
import type { SessionPrinter } from './session-printer.ts'

/** Why a session ends, and with which exit code. */
export interface SessionEnd {
  why: string
  exit: number
  /** What a person is told of it, where the time ran out. */
  error?: WhsError
}

export interface SessionEndOptions {
  session: Session
  printer: SessionPrinter
  quota?: Quota | undefined
  wanted: number
  forMs?: number | undefined
  exec?: RunningExec | undefined
}

const longestTimerMs = 2 ** 31 - 1

/** Waits for the first of all that ends a session. Rejects where tunnel, writer or stdout are lost, or the command never ran. */
export async function sessionEnd(io: Io, options: SessionEndOptions): Promise<SessionEnd> {
  const { session, printer, quota, forMs, exec } = options
  let timer: NodeJS.Timeout | undefined
  const ends: Promise<SessionEnd>[] = [
    aborted(io.stop.signal).then(() => ({ why: 'interrupted', exit: io.stop.exit })),
    session.lost,
    printer.failed,
  ]
  if (quota) ends.push(quota.met.then(() => ({ why: `${countText(quota.count(), 'event')} came`, exit: exits.done })))
  if (exec) ends.push(exec.ended.then(exit => ({ why: `the command ended with ${exit}`, exit })))
  if (forMs !== undefined) {
    ends.push(
      new Promise(resolve => {
        timer = setTimeout(() => resolve(timeIsOver(options)), Math.min(forMs, longestTimerMs))
      }),
    )
  }
  try {
    return await Promise.race(ends)
  } finally {
    clearTimeout(timer)
  }
}

function timeIsOver({ quota, wanted, forMs = 0, exec }: SessionEndOptions): SessionEnd {
  const why = 'the time of --for is over'
  if (!quota && !exec) return { why, exit: exits.done }
  const within = `within ${durationText(forMs)}`
  const parts = { code: 'time-ran-out', exit: exits.timeout, next: 'whs listen … --for 5m' }
  if (exec)
    return { why, exit: exits.timeout, error: new WhsError({ ...parts, what: `the command did not end ${within}` }) }
  const came = quota?.count() ?? 0
  const what =
    came < wanted ? `${came} of ${countText(wanted, 'event')} came ${within}` : `not all were answered ${within}`
  return { why, exit: exits.timeout, error: new WhsError({ ...parts, what, next: 'whs events' }) }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
