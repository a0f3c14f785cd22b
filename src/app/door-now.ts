import type { Listener } from '../store/listener-ops.ts'
import type { App } from './app.ts'

/** The listener that lives now, with its doors open; null where there is none. */
export async function doorNow(app: App): Promise<Listener | null> {
  const store = app.store()
  if (!store.isListening()) return null
  const row = await store.read('readListener')
  return row && row.port > 0 && row.publicUrl !== '' ? row : null
}
