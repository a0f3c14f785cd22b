import { clearLine, moveCursor } from 'node:readline'
import type { Io } from './io.ts'

/** Something that turns while a person (or the network) is waited for. */
export interface Spinner {
  stop(): void
  /** The same where Enter was pressed, which has moved the cursor to the next line. */
  stopAfterEnter(): void
}

/** Turns on stderr where that is a terminal; elsewhere it is nothing. */
export async function startSpinner(io: Io, text: string): Promise<Spinner> {
  const hasRoom = (io.stderr as { columns?: number }).columns !== 0
  if (!io.isTty.err || !hasRoom || io.output === 'json') {
    return { stop: () => undefined, stopAfterEnter: () => undefined }
  }
  const { default: ora } = await import('ora')
  // Not ora's own indent: it leaves the cursor there.
  const spinner = ora({ text, stream: io.stderr, discardStdin: false, prefixText: '  ' }).start()
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
