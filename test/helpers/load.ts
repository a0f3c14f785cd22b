import { Agent, request } from 'node:http'
import { onTestFinished } from 'vitest'
import { callbackPath, cloudEvents, signature } from './listening.ts'

/** An event as it is sent: for whom, and the provider's own id of it. */
export interface SentEvent {
  account: string
  id: string
}

/** Many deliveries over connections that stay open. */
export interface Load {
  /** The status of the answer; 0 where none came. */
  send(body: string, sign?: string): Promise<number>
}

/** Senders to a listener, ended after the test. */
export function openLoad(url: string, connections = 32): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  onTestFinished(() => agent.destroy())
  return {
    send: (body, sign = signature(body)) =>
      new Promise(resolve => {
        const headers = {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'intuit-signature': sign,
        }
        const sent = request(url + callbackPath, { agent, method: 'POST', headers }, answer => {
          answer.resume()
          answer.on('close', () => resolve(answer.complete ? Number(answer.statusCode) : 0))
        })
        sent.on('error', () => resolve(0))
        sent.end(body)
      }),
  }
}

/** A delivery with these events. */
export function deliveryOf(events: SentEvent[], more: object = {}): string {
  return JSON.stringify(events.flatMap(({ account, id }) => JSON.parse(cloudEvents([account], { id, ...more }))))
}

/** Runs this so many times at once, each for as long as it says `true`. */
export async function inParallel(senders: number, turn: () => Promise<boolean>): Promise<void> {
  const run = async (): Promise<void> => {
    while (await turn());
  }
  await Promise.all(Array.from({ length: senders }, run))
}
