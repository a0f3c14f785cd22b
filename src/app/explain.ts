import type { ProviderDefinition } from '../core/definition.ts'
import type { RawHeaders } from '../core/headers.ts'
import { readItems } from '../core/ingest.ts'
import { compilePath, pointerStep, type Step } from '../core/path.ts'
import { describeScheme, schemeName } from '../core/scheme-text.ts'
import { composeSigned, isSigning } from '../core/sign.ts'
import { readSignatures } from '../core/signature-header.ts'
import { readTime } from '../core/signed-time.ts'
import { countText } from '../core/text.ts'
import { accountText } from '../core/value-text.ts'
import type { StoredDeliveryRow, StoredEvent } from '../store/event-ops.ts'
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
  const definition = app.definitionOf(event.provider)
  const delivery = await app.store().read('readDelivery', { seq: event.deliverySeq })
  return {
    verified:
      event.verified === 'none' ? unverified : delivery ? await verifiedText(app, definition, delivery) : 'unknown',
    rule: delivery ? ruleText(definition, event, delivery) : 'unknown',
    value: valueOf(event),
    mapping: await mappingOf(app, event),
  }
}

const unverified = 'not verified: it was taken since the listener allowed that'

async function verifiedText(app: App, definition: ProviderDefinition, delivery: StoredDeliveryRow): Promise<string> {
  const scheme = definition.webhook.verify[delivery.scheme ?? 0]
  if (!scheme) return 'by a scheme that the definition does not have any more'
  const key = delivery.secretFingerprint ? `, key ${delivery.secretFingerprint}` : ''
  const hook = await hookText(app, delivery)
  if (!isSigning(scheme)) return describeScheme(scheme) + key + hook
  const { method, url, body } = delivery
  const headers = headersOf(delivery)
  const given = readSignatures(scheme.header, headers)
  const time = readTime(scheme, { headers, body }, 'time' in given ? given.time : null)
  const signed = composeSigned(scheme, { method, url: url ?? '', headers, body }, time)
  const bytes = signed.reduce((sum, part) => sum + part.bytes.length, 0)
  const parts = signed.map(part => part.name).join(', ')
  const names = scheme.header.names.join(' or ')
  return `header ${names}, ${schemeName(scheme)} over ${bytes} bytes (${parts})${key}${hook}`
}

/** Whose hook a delivery came by, where its key or secret belongs to one. */
async function hookText(app: App, { app: name, activation }: StoredDeliveryRow): Promise<string> {
  if (activation === null) return ''
  const hook = (await app.store().read('listActivations', { app: name })).find(({ seq }) => seq === activation)
  return hook ? `, the hook ${hook.id} of ${hook.tenant ?? 'the app'}` : ', a hook that was removed since'
}

function ruleText(definition: ProviderDefinition, event: StoredEvent, delivery: StoredDeliveryRow): string {
  const { split, shapes } = definition.webhook
  const shape = shapes.find(one => one.name === event.shape)
  if (!shape) return `no shape of ${definition.name} fits: ${event.fault}`
  const { method, suffix, body } = delivery
  const items = readItems(definition, { method, suffix, headers: headersOf(delivery), body }).length
  const path = split.find(one => fits(one, event)) ?? 'the whole body'
  const places = shape.accounts.map(accountText).join(', ')
  const whose =
    shape.scope === 'app' ? 'of the app itself' : places === '' ? 'whose the hook is' : `account at ${places}`
  return `${definition.id} / ${shape.name}: ${countText(items, 'item')} by ${path}, ${whose}`
}

function headersOf({ headers }: StoredDeliveryRow): RawHeaders {
  return JSON.parse(headers) as RawHeaders
}

function valueOf({ account, place, bound }: StoredEvent): string {
  if (account === null) return bound === null ? 'none was read' : `none was read; the hook is ${bound}’s`
  return `${place} = ${account}`
}

/** Whether an item's pointer could come from a split path: the same steps, and anything where it has `[*]`. */
function fits(path: string, event: StoredEvent): boolean {
  const { steps } = compilePath(path)
  const taken = event.pointer.split('/').slice(1)
  return steps.length === taken.length && steps.every((step, index) => isStep(step, taken[index] as string))
}

function isStep(step: Step, text: string): boolean {
  if (step === 'every') return true
  const all = 'keys' in step ? step.keys : [step]
  return all.some(one => pointerStep(one) === `/${text}`)
}

async function mappingOf(app: App, event: StoredEvent): Promise<string> {
  if (event.tenant !== null && event.account === null) return `the hook that it came by is ${event.tenant}’s`
  if (event.tenant === null)
    return event.account === null ? 'none' : 'none: nobody here has this account, so the event is parked'
  const tenant = await app.store().read('findTenant', { name: event.tenant })
  const account = tenant?.accounts.find(one => one.app === event.app && one.value === event.account)
  if (!account) return `${event.tenant} had this account when the event came; it is not mapped any more`
  const when = new Date(account.since).toISOString().replace('T', ' ').slice(0, 19)
  if (account.source === 'map') return `mapped to ${event.tenant} by hand, ${when} UTC`
  if (account.source === 'activate') return `a hook of ${event.tenant}, made ${when} UTC`
  if (account.source === 'learned')
    return `learned from the first delivery that was certainly ${event.tenant}’s, ${when} UTC`
  return `connection of ${event.tenant}, consent of ${when} UTC, ${proofText(account.proof)}`
}

function proofText(proof: string | null): string {
  if (!proof) return 'as the provider’s answer said'
  return proof.endsWith('the new token') ? 'proved with the new token' : `proved: ${proof}`
}
