import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { ReadyFact } from '../app/facts.ts'
import { exits, WhsError } from '../core/errors.ts'
import { withoutSecrets } from './child-env.ts'
import type { Io } from './io.ts'

/** A command that runs beside a session, such as `npm test`. */
export interface RunningExec {
  /** Its exit code; 128 and the signal's number where one ended it, as shells say it. */
  ended: Promise<number>
  /** Ends it and what it started, and makes sure of it after a second and a half. */
  stop(signal: NodeJS.Signals): Promise<void>
}

const patienceMs = 1_500

/**
 * Starts a command line in a shell, with the session's URLs and no secret in its environment. All that it prints goes to
 * stderr, since stdout holds the session's own lines. It has a process group of its own, so that it ends with its children.
 */
export function startExec(
  io: Io,
  commandLine: string,
  { ready, home }: { ready: ReadyFact; home: string },
): RunningExec {
  const { fd } = io.stderr as { fd?: number }
  const env = { ...withoutSecrets(io.env), ...urlsOf(ready), WHS_HOME: home }
  const child = spawn(commandLine, {
    shell: true,
    detached: true,
    cwd: io.cwd,
    env,
    stdio: [io.isTty.in ? 'inherit' : 'ignore', fd ?? 'pipe', fd ?? 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => io.stderr.write(chunk))
  const signalAll = (signal: NodeJS.Signals): void => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, signal)
    } catch {
      // All of the group has ended.
    }
  }
  const killAll = (): void => signalAll('SIGKILL')
  // A second Ctrl-C ends this process at once.
  process.once('exit', killAll)
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', error => reject(cannotStart(commandLine, error)))
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
  ended.catch(() => undefined)
  return {
    ended,
    async stop(signal) {
      signalAll(signal)
      const timer = setTimeout(killAll, patienceMs)
      await ended.catch(() => undefined)
      clearTimeout(timer)
      killAll()
      process.off('exit', killAll)
    },
  }
}

/** `WHS_URL`, and `WHS_CALLBACK_<APP>` for each app. */
function urlsOf({ url, callbacks }: ReadyFact): Record<string, string> {
  const named = Object.entries(callbacks).map(([app, callback]) => [variableOf(app), callback])
  return { WHS_URL: url, ...(Object.fromEntries(named) as Record<string, string>) }
}

function variableOf(app: string): string {
  return `WHS_CALLBACK_${app.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`
}

function cannotStart(commandLine: string, cause: Error): WhsError {
  return new WhsError({
    code: 'exec-failed',
    exit: exits.usage,
    what: `${commandLine} could not be started`,
    why: cause.message,
    next: "whs listen --exec 'npm test'",
    cause,
  })
}
