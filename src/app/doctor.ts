import type { App } from './app.ts'
import type { Check } from './check.ts'
import type { HookWaiter } from './consent-deps.ts'
import { appChecks, connectionChecks } from './doctor-apps.ts'
import { feedChecks } from './doctor-feeds.ts'
import { flowChecks } from './doctor-flow.ts'
import { hookChecks } from './doctor-hooks.ts'
import { type ListenCheckOptions, listenChecks } from './doctor-listen.ts'
import { machineChecks } from './doctor-machine.ts'
import { storeChecks } from './doctor-store.ts'

/**
 * Looks at everything that has to be right, from the machine up to what waits, and tells each as it is known. It mends
 * nothing. Where the store cannot be opened that is the fault, and what needs it is left out.
 */
export async function* checkAll(app: App, options: ListenCheckOptions & HookWaiter): AsyncGenerator<Check> {
  yield* machineChecks(app)
  let isOpen = false
  for await (const check of storeChecks(app)) {
    if (check.name === 'database') isOpen = check.level !== 'fault'
    yield check
  }
  yield* listenChecks(app, options, isOpen)
  if (!isOpen) return
  yield* appChecks(app)
  yield* connectionChecks(app)
  yield* hookChecks(app, options)
  yield* feedChecks(app)
  yield* flowChecks(app)
}
