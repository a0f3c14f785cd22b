import { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'

/** A body taken whole, or why not. `counted` is what was added to the shared count and must be given back. */
export type TakenBody =
  | { body: Buffer; counted: number }
  | { refused: 'too-large' | 'full' | 'broken'; counted: number }

/**
 * Takes the exact bytes of a request's body. Gives up, without keeping anything, beyond `maxBytes`, when all bodies
 * being taken exceed `maxTogether`, and when the sender breaks off.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  maxTogether: number,
  count: (bytes: number) => number,
): Promise<TakenBody> {
  return new Promise(resolve => {
    let chunks: Buffer[] = []
    let counted = 0
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return give('too-large')
    request.on('data', (chunk: Buffer) => {
      counted += chunk.length
      const together = count(chunk.length)
      if (counted > maxBytes) return give('too-large')
      if (together > maxTogether) return give('full')
      chunks.push(chunk)
    })
    request.on('end', () => {
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
      resolve({ body, counted })
    })
    request.on('error', () => give('broken'))
    request.on('close', () => give('broken'))

    function give(refused: 'too-large' | 'full' | 'broken'): void {
      chunks = []
      request.removeAllListeners('data')
      request.resume()
      resolve({ refused, counted })
    }
  })
}
