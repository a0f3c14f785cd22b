import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../deliver/clock.ts'
import type { TriggerDeps } from '../deliver/trigger.ts'
import type { Samples } from '../deliver/trigger-sample.ts'
import { readFixtures } from '../simulate/fixtures.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { App } from './app.ts'
import { fixturesOf } from './demo.ts'

/** What a sample delivery of an app is made and signed with. A custom provider brings no samples. */
export async function triggerDeps(app: App, stored: StoredApp): Promise<TriggerDeps> {
  const { definition, hosts, slots } = await app.receivingApp(stored)
  const folder = fixturesOf(definition.id)
  const samples: Samples = existsSync(join(folder, 'accounts.json'))
    ? readFixtures(definition, folder)
    : {
        events: new Map(),
        sample: () => {
          throw new Error('there is no sample')
        },
      }
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
    samples,
  }
}
