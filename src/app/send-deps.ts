import { systemClock } from '../deliver/clock.ts'
import type { SendDeps } from '../deliver/send-part.ts'
import type { Sender } from '../net/send.ts'
import type { App } from './app.ts'

/** How parts are sent, by the listener and by a person's replay alike. */
export interface SendWish {
  allowRemote: boolean
  deliver: 'original' | 'event'
  handlerTimeoutMs: number | undefined
}

export async function sendDeps(
  app: App,
  sender: Sender,
  { allowRemote, deliver, handlerTimeoutMs }: SendWish,
): Promise<SendDeps> {
  const store = app.store()
  return {
    store,
    definitionOf: app.definitionOf,
    keysOf: app.keysOf,
    sender,
    clock: systemClock,
    ...(handlerTimeoutMs === undefined ? {} : { handlerTimeoutMs }),
    allowRemote,
    deliver,
    ownSecret: await store.write('ownSecret'),
  }
}
