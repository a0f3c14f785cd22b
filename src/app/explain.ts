import type { ProviderDefinition } from '../core/definition.ts'
import type { RawHeaders } from '../core/headers.ts'
import { readItems } from '../core/ingest.ts'
import { compilePath, pointerStep, type Step } from '../core/path.ts'
import type { IngestedItem } from '../core/read-item.ts'
import { countText } from '../core/text.ts'
import { accountText, whenText } from '../core/value-text.ts'
import type { Shape } from '../core/webhook-definition.ts'
import type { StoredDeliveryRow, StoredEvent } from '../store/event-ops.ts'
import type { App } from './app.ts'
import { mappingText, type Owned, ownedBy } from './explain-mapping.ts'
import { callText, feedRules, type ReadingRules } from './explain-own.ts'
import { type ProofFacts, proofFacts } from './proof-facts.ts'

/** How whs came to know an event: each sentence with the fact it rests on. */
export interface Explanation {
  verified: string
  rule: string
  value: string
  mapping: string
}

/** What a delivery was proved by: the bytes, the secret, and whose hook it came by. */
export interface ExplainedDelivery {
  /** Null where it was not proved. */
  proof: ProofFacts | null
  /** The secret's fingerprint, name, app and since when it is stored; null where none was needed. */
  secret: string | null
  hook: string | null
  /** Of what nobody posted: which call of ours brought it. */
  call: string | null
}

/** How one event was read and whose it became, with what else was looked at. */
export interface ExplainedEvent {
  split: string
  shape: string
  /** Shapes before it in the definition, with the condition that did not hold. */
  otherShapes: string[]
  /** Every account that the item names, with where it was read and who has it now. */
  accounts: { kind: string; value: string; place: string; tenants: string[]; decided: boolean }[]
  mapping: string
  connection: string | null
  /** Whose hook bounds it: nobody else can ever get it. */
  bound: string | null
  fault: string | null
}

/** Explains an event in four sentences. */
export async function explainEvent(app: App, event: StoredEvent): Promise<Explanation> {
  const delivery = await app.store().read('readDelivery', { seq: event.deliverySeq })
  if (!delivery)
    return { verified: 'unknown', rule: 'unknown', value: valueOf(event), mapping: await mappingText(app, event) }
  const { shape, split, accounts, mapping } = await explainItem(app, event, delivery)
  const places = accounts.map(({ kind, place }) => `${kind} at ${place}`).join(', ')
  return {
    verified: proofText(event, await explainDelivery(app, delivery)),
    rule: `${event.provider} / ${shape}: ${split}${places ? `, ${places}` : ''}`,
    value: valueOf(event),
    mapping,
  }
}

/** What proved a delivery, as one sentence. */
export function proofText({ verified }: Pick<StoredEvent, 'verified'>, facts: ExplainedDelivery): string {
  if (facts.call !== null) return facts.call
  if (verified === 'none') return 'not verified: it was taken since the listener allowed that'
  if (!facts.proof) return 'by a scheme that the definition does not have any more'
  const { scheme, parts, how } = facts.proof
  const bytes = parts.reduce((sum, part) => sum + (part.bytes ?? 0), 0)
  const names = parts.map(part => part.name).join(', ')
  const what = parts.length > 0 ? `${scheme} over ${bytes} bytes (${names})` : how
  return [what, facts.secret && `by ${facts.secret}`, facts.hook].filter(Boolean).join(', ')
}

/** What proved a delivery. */
export async function explainDelivery(app: App, delivery: StoredDeliveryRow): Promise<ExplainedDelivery> {
  const { scheme, headers } = delivery
  const proved = delivery.verified !== 'none' && scheme !== null
  const definition = app.definitionOf(delivery.provider)
  const proof = proved
    ? proofFacts(definition, scheme, { ...delivery, headers: JSON.parse(headers) as RawHeaders })
    : null
  const [secret, hook] = [await secretTextOf(app, delivery), await hookText(app, delivery)]
  return { proof, secret, hook, call: await callText(app, delivery) }
}

async function secretTextOf(
  app: App,
  { appId, app: name, env, provider, secretFingerprint }: StoredDeliveryRow,
): Promise<string | null> {
  if (!secretFingerprint) return null
  const valid = await app.keysOf({ id: appId, name, provider })
  const old = await app.store().read('readOldKeys', { appId })
  const key = [...valid, ...old].find(one => one.fingerprint === secretFingerprint)
  if (!key) return `secret ${secretFingerprint} of ${name} (${env}), which is not stored any more`
  const since = key.createdAt > 0 ? `stored ${dayText(key.createdAt)}` : 'from the environment'
  const state = valid.includes(key) ? since : `${since}, replaced since`
  return `the ${key.name} secret ${secretFingerprint} of ${name} (${env}), ${state}`
}

function dayText(ms: number): string {
  return `${new Date(ms).toISOString().replace('T', ' ').slice(0, 16)} UTC`
}

/** Whose hook a delivery came by, where its key or secret belongs to one. */
async function hookText(app: App, { app: name, activation }: StoredDeliveryRow): Promise<string | null> {
  if (activation === null) return null
  const hook = (await app.store().read('listActivations', { app: name })).find(({ seq }) => seq === activation)
  return hook ? `the hook ${hook.id} of ${hook.tenant ?? 'the app'}` : 'a hook that was removed since'
}

/** How an event was read from its delivery, by its provider's definition as it is now. */
export async function explainItem(app: App, event: StoredEvent, delivery: StoredDeliveryRow): Promise<ExplainedEvent> {
  const definition = app.definitionOf(event.provider)
  const rules = (await feedRules(app, definition, delivery)) ?? webhookRules(definition, delivery)
  const { shapes, items } = rules
  const item = items.find(one => one.start === event.start && one.pointer === event.pointer)
  const at = shapes.findIndex(one => one.name === event.shape)
  const owned = await accountsOf(app, event, item)
  const owner = await ownedBy(app, event)
  return {
    split: splitText(rules, event),
    shape: event.shape ?? 'no shape fits',
    otherShapes: shapes.slice(0, at < 0 ? shapes.length : at).map(one => `${one.name}: not so, ${whenText(one.when)}`),
    accounts: owned.length > 0 ? owned : namedNowhere(shapes, event),
    mapping: await mappingText(app, event),
    connection: connectionText(owner),
    bound: event.bound,
    fault: event.fault,
  }
}

function webhookRules(definition: ProviderDefinition, delivery: StoredDeliveryRow): ReadingRules {
  const headers = JSON.parse(delivery.headers) as RawHeaders
  const { split, shapes } = definition.webhook
  return { split, shapes, items: readItems(definition, { ...delivery, headers }, delivery.activation) }
}

function connectionText({ connection }: Owned): string | null {
  return (
    connection &&
    `${connection.id}, ${connection.state}${connection.why ? ` (${connection.why})` : ''}, of ${dayText(connection.createdAt)}`
  )
}

async function accountsOf(
  app: App,
  event: StoredEvent,
  item: IngestedItem | undefined,
): Promise<ExplainedEvent['accounts']> {
  const named = item?.accounts.flat() ?? []
  return Promise.all(
    named.map(async ({ kind, value, place }) => ({
      kind,
      value,
      place,
      tenants: await app.store().read('ownersOf', { appId: event.appId, kind, value }),
      decided: kind === event.accountKind && value === event.account,
    })),
  )
}

/** Where the shape would have had an account, where none was read; or for whom it was asked. */
function namedNowhere(shapes: Shape[], event: StoredEvent): ExplainedEvent['accounts'] {
  const { account, accountKind, place, tenant } = event
  if ((place === 'call' || place === 'api') && account !== null) {
    const tenants = tenant === null ? [] : [tenant]
    const by = place === 'call' ? 'the call that asked for it' : 'what the API said'
    return [{ kind: accountKind ?? '', value: account, place: by, tenants, decided: true }]
  }
  const shape = shapes.find(one => one.name === event.shape)
  const places = shape?.accounts.map(accountText) ?? []
  return places.map(place => ({ kind: '', value: '', place, tenants: [], decided: false }))
}

/** By which path of the definition the items stand, and which of them it is. */
function splitText({ split, items }: ReadingRules, event: StoredEvent): string {
  const path = split.find(one => fits(one, event)) ?? 'the whole body'
  return `${countText(items.length, 'item')} by ${path}${event.pointer ? `, this one at ${event.pointer}` : ''}`
}

function valueOf({ account, place, bound }: StoredEvent): string {
  if (account === null) return bound === null ? 'none was read' : `none was read; the hook is ${bound}’s`
  if (place === 'api') return `${account}, for which it stands as the API said`
  return place === 'call' ? `${account}, for whom the call asked` : `${place} = ${account}`
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
