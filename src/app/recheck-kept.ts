import type { ActivationOutcome } from '../connect/activation/activation-outcome.ts'
import { recheckRejected } from '../receive/recheck.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { App } from './app.ts'
import { doorNow } from './door-now.ts'

/** What became of kept requests that were checked again. */
export interface Rechecked {
  /** They verify now, and were taken in. */
  taken: number
  left: number
}

/** Checks the kept requests of an app again, once it or a hook of it has a secret that it had not. */
export async function recheckKept(app: App, stored: StoredApp): Promise<Rechecked> {
  const door = await doorNow(app)
  return recheckRejected(app.store(), await app.receivingApp(stored), door ? [door.publicUrl] : [])
}

/** Whether a hook may have another secret than before. */
export function mayHaveSecret({ kind }: ActivationOutcome): boolean {
  return kind === 'made' || kind === 'found' || kind === 'renewed' || kind === 'moved'
}
