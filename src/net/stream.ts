import type { ServerResponse } from 'node:http'

/** An answer that goes on: what it says is written piece by piece. */
export interface ReplyStream {
  /**
   * Resolves once the reader has room for more: a slow one keeps back whoever writes to it, so that nothing heaps up here
   * beyond one piece. False where the reader has gone.
   */
  write(text: string): Promise<boolean>
  /** Aborted when the reader has gone. */
  signal: AbortSignal
}

/** Runs what writes a stream, and ends the answer behind it; what it throws cuts the answer off. */
export async function streamTo(response: ServerResponse, run: (to: ReplyStream) => Promise<void>): Promise<void> {
  const gone = new AbortController()
  const end = (): void => gone.abort()
  response.once('close', end)
  response.once('error', end)
  const write = async (text: string): Promise<boolean> => {
    if (gone.signal.aborted) return false
    if (!response.write(text)) await drained(response, gone.signal)
    return !gone.signal.aborted
  }
  try {
    await run({ write, signal: gone.signal })
    response.end()
  } catch {
    response.destroy()
  }
}

function drained(response: ServerResponse, gone: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      response.off('drain', done)
      gone.removeEventListener('abort', done)
      resolve()
    }
    response.once('drain', done)
    gone.addEventListener('abort', done, { once: true })
  })
}
