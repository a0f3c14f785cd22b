import type { Listener } from '../store/listener-ops.ts'
import type { App } from './app.ts'
import { doorNow } from './door-now.ts'
import type { ReadyFact } from './facts.ts'

/** What a running listener says of itself at its local door. */
export interface ListenerSays {
  startedAt: number
  /** How many forwards its lanes hold. */
  inLanes: number
  /** What it told when it was ready; null until then. */
  ready: ReadyFact | null
}

/** Asks a listener at its local door; null where it does not answer. */
export async function askListener(app: App, { localPort }: Listener): Promise<ListenerSays | null> {
  if (localPort === 0) return null
  const url = `http://127.0.0.1:${localPort}/status`
  try {
    const headers = { authorization: `Bearer ${await app.store().read('listenerToken')}` }
    const answer = await app.http({ method: 'GET', url, headers, timeoutMs: 2_000 })
    return answer.status === 200 ? (JSON.parse(answer.body.toString()) as ListenerSays) : null
  } catch {
    return null
  }
}

/** What the listener that lives now says; null where there is none, or it has not opened its doors yet. */
export async function listenerNow(app: App): Promise<ListenerSays | null> {
  const listener = await doorNow(app)
  return listener && askListener(app, listener)
}
