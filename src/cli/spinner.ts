import { clearLine, moveCursor } from 'node:readline'
import { durationText } from '../core/text.ts'
import type { Io } from './io.ts'

/** Something that turns while a person (or the network) is waited for. */
export interface Spinner {
  stop(): void
  /** The same where Enter was pressed, which has moved the cursor to the next line. */
  stopAfterEnter(): void
}

/** Turns on stderr where that is a terminal; elsewhere it is nothing. */
export async function startSpinner(io: Io, text: string): Promise<Spinner> {
  if (!canTurn(io)) return { stop: () => undefined, stopAfterEnter: () => undefined }
  const spinner = (await spinnerOn(io)).start(text)
  const stop = (): void => void spinner.stop()
  return {
    stop,
    stopAfterEnter() {
      stop()
      moveCursor(io.stderr, 0, -1)
      clearLine(io.stderr, 0)
    },
  }
}

/** What says on stderr that an answer is waited for, and after some seconds for how long. */
export interface Waiting {
  /** What is waited for from now on. */
  on(text: string): void
  /** Nothing is: before something else is written or asked. */
  clear(): void
}

const saidAfterMs = 3_000
const toldMs = 10_000

/** Turns where stderr is a terminal; elsewhere a line every ten seconds says the same. */
export async function startWaiting(io: Io): Promise<Waiting> {
  const spinner = canTurn(io) ? await spinnerOn(io) : undefined
  let timer: NodeJS.Timeout | undefined
  const clear = (): void => {
    clearInterval(timer)
    spinner?.stop()
  }
  return {
    clear,
    on(text) {
      clear()
      const from = io.now()
      const long = (): string => {
        const seconds = Math.floor((io.now() - from) / 1000)
        return `${text}, for ${seconds < 60 ? `${seconds} s` : durationText(seconds * 1000)} now`
      }
      spinner?.start(text)
      timer = setInterval(
        () => {
          if (!spinner) io.note(long())
          else if (io.now() - from >= saidAfterMs) spinner.text = long()
        },
        spinner ? 1_000 : toldMs,
      )
    },
  }
}

function canTurn(io: Io): boolean {
  const hasRoom = (io.stderr as { columns?: number }).columns !== 0
  return io.isTty.err && hasRoom && io.output !== 'json'
}

async function spinnerOn(io: Io) {
  const { default: ora } = await import('ora')
  // Not ora's own indent: it leaves the cursor there.
  return ora({ stream: io.stderr, discardStdin: false, prefixText: '  ' })
}
