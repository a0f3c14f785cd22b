import type { RawHeaders } from '../core/headers.ts'
import { readItems } from '../core/ingest.ts'
import { composeSigned } from '../core/sign.ts'
import type { StoredEvent } from '../store/event-ops.ts'
import type { App } from './app.ts'

/** How whs came to know an event: each sentence with the fact it rests on. */
export interface Explanation {
  verified: string
  rule: string
  value: string
  mapping: string
}

/** Explains an event from what is stored of it and from its provider's definition. */
export async function explainEvent(app: App, event: StoredEvent): Promise<Explanation> {
  const store = app.store()
  const definition = app.definitionOf(event.provider)
  const delivery = await store.read('readDelivery', { seq: event.deliverySeq })
  const { verify, split, shapes } = definition.webhook
  const headers = JSON.parse(delivery?.headers ?? '[]') as RawHeaders
  const body = delivery?.body ?? Buffer.alloc(0)
  const signed = composeSigned(verify, { headers, body })
  const bytes = signed.reduce((sum, part) => sum + part.bytes.length, 0)
  const shape = shapes.find(one => one.name === event.shape)
  const places = shape?.accounts.map(({ at }) => (typeof at === 'string' ? at : JSON.stringify(at))).join(', ')
  const items = readItems(definition, { method: delivery?.method ?? 'POST', headers, body }).length
  return {
    verified:
      event.verified === 'signature'
        ? `header ${verify.header}, HMAC-${verify.hash.toUpperCase()} over ${bytes} bytes (${signed.map(part => part.name).join(', ')}), key ${delivery?.secretFingerprint}`
        : 'not verified: it was taken since the listener allowed that',
    rule: shape
      ? `${definition.id} / ${shape.name}: ${items} item${items === 1 ? '' : 's'} by ${split.find(path => fits(path, event)) ?? 'the whole body'}, account at ${places}`
      : `no shape of ${definition.name} fits: ${event.fault}`,
    value: event.account === null ? 'none was read' : `${event.place} = ${event.account}`,
    mapping: await mappingOf(app, event),
  }
}

/** Whether an item's pointer could come from a split path: same steps, indices where it has [*]. */
function fits(path: string, event: StoredEvent): boolean {
  const steps = path.slice(1).match(/\[\*\]|\.[^.[]+/g) ?? []
  const taken = event.pointer.split('/').slice(1)
  return (
    steps.length === taken.length &&
    steps.every((step, index) => (step === '[*]' ? /^\d+$/.test(taken[index] as string) : step === `.${taken[index]}`))
  )
}

async function mappingOf(app: App, event: StoredEvent): Promise<string> {
  if (event.tenant === null)
    return event.account === null ? 'none' : 'none: nobody here has this account, so the event is parked'
  const tenant = await app.store().read('findTenant', { name: event.tenant })
  const account = tenant?.accounts.find(one => one.app === event.app && one.value === event.account)
  if (!account) return `${event.tenant} had this account when the event came; it is not mapped any more`
  const when = new Date(account.since).toISOString().replace('T', ' ').slice(0, 19)
  if (account.source === 'map') return `mapped to ${event.tenant} by hand, ${when} UTC`
  return `connection of ${event.tenant}, consent of ${when} UTC, proved with the new token`
}
