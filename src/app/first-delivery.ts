import { followStore } from '../deliver/follow.ts'
import type { StoredEvent } from '../store/event-ops.ts'
import type { StoredRejected } from '../store/rejected-ops.ts'
import type { App } from './app.ts'
import { isDelivered } from './last-through.ts'

export interface FirstDeliveryOptions {
  /** The app's name. */
  name: string
  signal: AbortSignal
  /** A request came that did not verify. */
  onRejected(rejected: StoredRejected): void
}

/**
 * Waits for the first event of a tenant, or of an account that nobody owns, that a provider's delivery brought and that
 * verified, also one that is there already; null where the wait was ended before.
 */
export async function firstDelivery(
  app: App,
  { name, signal, onRejected }: FirstDeliveryOptions,
): Promise<StoredEvent | null> {
  const store = app.store()
  const from = { ...(await store.read('readCursors')), event: 0 }
  let end: (event: StoredEvent | null) => void = () => undefined
  let fail: (error: unknown) => void = () => undefined
  const found = new Promise<StoredEvent | null>((resolve, reject) => {
    end = resolve
    fail = reject
  })
  const onAbort = (): void => end(null)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  const follower = followStore({
    store,
    filter: { app: [name] },
    from,
    onStored(stored) {
      if (stored.kind === 'rejected') onRejected(stored.rejected)
      if (stored.kind !== 'event') return
      // What tells of no account, such as a test of the URL, is not what is waited for.
      if (isDelivered(stored.event) && stored.event.scope !== 'app') end(stored.event)
    },
    onError: fail,
  })
  try {
    return await found
  } finally {
    signal.removeEventListener('abort', onAbort)
    await follower.stop().catch(() => undefined)
  }
}
