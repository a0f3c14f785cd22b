import { exits, WhsError } from '../core/errors.ts'
import type { App } from './app.ts'
import { doorNow } from './door-now.ts'
import { inspectorOf } from './inspect.ts'
import { openInspectorDoor } from './local-door.ts'

/** Where the inspector is. */
export interface OpenInspector {
  /** Signs a browser in, once, within half a minute. */
  url: string
  /** Another code for the same inspector. */
  again(): Promise<string>
  /** Whether the running listener serves it; else this process does, until it is closed. */
  isListeners: boolean
  close(): Promise<void>
}

/**
 * Opens the inspector: the one of the running listener, else one of this process over the store as it is. `port` is of the
 * latter; 0: any that is free.
 * @throws WhsError `port-taken` (exit 7), `listener-mute` (exit 1) where the listener does not answer
 */
export async function openInspector(app: App, port: number): Promise<OpenInspector> {
  const listener = await doorNow(app)
  if (listener && listener.localPort > 0) {
    const again = async (): Promise<string> => openUrl(listener.localPort, await codeOf(app, listener.localPort))
    return { url: await again(), again, isListeners: true, close: async () => undefined }
  }
  // Its writes are seen by those who follow the store only where another thread makes them.
  await app.store().startWriter()
  const inspector = inspectorOf(app, { allowRemote: false, port: 0 })
  const door = await openInspectorDoor(inspector, port)
  const again = async (): Promise<string> => openUrl(door.port, inspector.makeCode())
  return { url: await again(), again, isListeners: false, close: () => door.close() }
}

function openUrl(port: number, code: string): string {
  return `http://127.0.0.1:${port}/open?code=${code}`
}

async function codeOf(app: App, localPort: number): Promise<string> {
  const url = `http://127.0.0.1:${localPort}/code`
  const headers = { authorization: `Bearer ${await app.store().read('listenerToken')}` }
  const answer = await app.http({ method: 'POST', url, headers, timeoutMs: 5_000 })
  if (answer.status === 200) return (JSON.parse(answer.body.toString()) as { code: string }).code
  throw new WhsError({
    code: 'listener-mute',
    exit: exits.fault,
    what: 'the listener does not open its inspector',
    why: `its local door answered ${answer.status}: it may be of another version`,
    next: 'end the listener and start it again: whs listen',
  })
}
