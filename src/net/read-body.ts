import { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'

/** A body taken whole, or why not. */
export type TakenBody = { body: Buffer } | { refused: 'too-large' | 'full' | 'broken' }

/** Where bodies are held until their requests are answered. */
export interface BodyRoom {
  /** One body may have so many bytes, all together so many. */
  maxBytes: number
  maxTogether: number
  /** Bytes held now. */
  held: number
  /** Bodies that are still coming. */
  coming: Set<ComingBody>
}
export interface ComingBody {
  bytes: number
  giveWay(): void
}

/**
 * Takes the exact bytes of a request's body; who gets it takes its length off `held` when the request is answered. Gives
 * up, without keeping anything, beyond `maxBytes` and when the sender breaks off. Where all are too much together the
 * largest that is still coming gives way, so that those who send slowly keep nobody out.
 */
export function readBody(request: IncomingMessage, room: BodyRoom): Promise<TakenBody> {
  return new Promise(resolve => {
    let chunks: Buffer[] = []
    const coming: ComingBody = { bytes: 0, giveWay: () => give('full') }
    if (Number(request.headers['content-length'] ?? 0) > room.maxBytes) return give('too-large')
    room.coming.add(coming)
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      coming.bytes += chunk.length
      room.held += chunk.length
      if (coming.bytes > room.maxBytes) return give('too-large')
      while (room.held > room.maxTogether && room.coming.size > 0) largest(room.coming).giveWay()
    })
    request.on('end', () => {
      if (!room.coming.delete(coming)) return
      resolve({ body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) })
    })
    request.on('error', () => give('broken'))
    request.on('close', () => give('broken'))

    function give(refused: 'too-large' | 'full' | 'broken'): void {
      if (room.coming.delete(coming)) room.held -= coming.bytes
      chunks = []
      request.removeAllListeners('data')
      request.resume()
      resolve({ refused })
    }
  })
}

function largest(coming: Set<ComingBody>): ComingBody {
  return [...coming].reduce((most, one) => (one.bytes > most.bytes ? one : most))
}
