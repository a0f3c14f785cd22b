import type { Io } from './io.ts'

/** Something that turns while a person (or the network) is waited for. */
export interface Spinner {
  stop(): void
}

/** Turns on stderr where that is a terminal; elsewhere it is nothing. */
export async function startSpinner(io: Io, text: string): Promise<Spinner> {
  if (!io.isTty.err || io.output === 'json') return { stop: () => undefined }
  const { default: ora } = await import('ora')
  const spinner = ora({ text, stream: io.stderr, discardStdin: false, indent: 3 }).start()
  return { stop: () => void spinner.stop() }
}
