import { systemClock } from '../deliver/clock.ts'
import type { TriggerDeps } from '../deliver/trigger.ts'
import { readFixtures } from '../simulate/fixtures.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { App } from './app.ts'
import { fixturesOf } from './demo.ts'

/** What a sample delivery of an app is made and signed with. */
export async function triggerDeps(app: App, stored: StoredApp): Promise<TriggerDeps> {
  const { definition, hosts, slots } = await app.receivingApp(stored)
  return {
    store: app.store(),
    clock: systemClock,
    call: app.http,
    definition,
    app: stored,
    hosts,
    keys: await app.keysOf(stored),
    activations: await app.store().read('listActivations', { app: stored.name }),
    slots,
    samples: readFixtures(definition, fixturesOf(definition.id)),
  }
}
