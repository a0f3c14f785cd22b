import type { Buffer } from 'node:buffer'
import type { ExportedDelivery } from '../core/exported-delivery.ts'
import { coveredBody, longSecrets } from '../core/mask-export.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { App } from './app.ts'

/**
 * Tells with each event of a delivery what was fetched of its thing. Returns the files of that, in which what is a secret of
 * ours is covered.
 */
export async function withRecords(
  app: App,
  deliverySeq: number,
  delivery: ExportedDelivery,
  secretsOf: (app: Pick<StoredApp, 'id' | 'name' | 'provider'>) => Promise<string[]>,
): Promise<{ file: string; body: Buffer }[]> {
  const files: { file: string; body: Buffer }[] = []
  const events = await app.store().read('eventsOfDelivery', { deliverySeq })
  const [first] = events
  if (!first) return files
  const { appId: id, app: name, provider } = first
  const secrets = longSecrets(await secretsOf({ id, name, provider }))
  for (const { seq: eventSeq, id: eventId } of events) {
    const told = delivery.events.find(one => one.id === eventId)
    const record = await app.store().read('recordOf', { eventSeq })
    if (!told || !record || record.failure) continue
    const { status, deleted, call, body } = record
    const file = body && `${delivery.id}.${eventId}.record`
    told.record = { at: new Date(record.at).toISOString(), status, deleted, call, file }
    if (file && body) files.push({ file, body: coveredBody(body, secrets) })
  }
  return files
}
