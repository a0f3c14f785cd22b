import type { Buffer } from 'node:buffer'
import type { ActivationApi, Listing, RefusalMeaning } from '../../src/core/activation-definition.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { fillText, type Slots } from '../../src/core/fill-text.ts'
import { holds } from '../../src/core/holds.ts'
import { splitItems } from '../../src/core/split.ts'
import { answerContext, readValue } from '../../src/core/value.ts'
import type { Call, Value } from '../../src/core/value-definition.ts'
import type { AccountFixture } from '../../src/simulate/fixtures.ts'
import type { PortalApp } from './simulated.ts'
import { type AnyConsent, callAt, readAt } from './simulated-any.ts'

export interface Answer {
  status: number
  body: Buffer
  failed: boolean
}

/** A hook as its own API tells of it. */
export interface HookByApi {
  id: string
  secret: string | null
  /** Milliseconds since 1970, or null. */
  expiresAt: number | null
  /** What fills the calls about it. */
  slots: Slots
}

const uuid = '0b0e1c2d-3f4a-4b5c-8d6e-7f8091a2b3c4'

/** Plays whs with nothing but core: the calls of an activation API, filled in, and what their answers say. */
export function hooksByApi(definition: ProviderDefinition, app: PortalApp, given: Slots) {
  const api = definition.activation.api as ActivationApi
  const call = (one: Call, slots: Slots): Promise<Answer> => callAt(app, one, { ...given, ...slots })

  async function create(wish: Slots): Promise<Answer & { hook: HookByApi }> {
    const { made } = api
    const chosen = typeof made.id === 'object' && 'chosen' in made.id ? made.id.chosen : null
    const id = chosen === null ? null : (fillText(chosen, { ...given, uuid, ...wish }) ?? null)
    const answer = await call(api.create, { uuid, ...wish, ...(id === null ? {} : { activation: id }) })
    const read = (value: Value | undefined): string | null => (value && readAt(answer.body, value)) ?? null
    const kept = Object.entries(made.keep ?? {}).map(([name, value]) => [name, read(value) ?? ''])
    const { at, unit } = made.expires ?? {}
    const told = { id: id ?? read(made.id as Value) ?? '', secret: read(made.secret) }
    const slots = { ...wish, activation: told.id, ...(Object.fromEntries(kept) as Slots) }
    const expiresAt = unit === undefined ? null : timeOf(read(at) ?? '', unit)
    return { ...answer, hook: { ...told, expiresAt, slots } }
  }

  async function items(listing: Listing, slots: Slots): Promise<((value: Value) => string | undefined)[]> {
    const { body, failed, status } = await call(listing.call, slots)
    if (failed) throw new Error(`${status}: ${body.toString()}`)
    const context = answerContext(body)
    const found = (context && splitItems(context.doc, [listing.items])) ?? []
    return found
      .filter(({ whole }) => whole)
      .map(item => ({ ...(context as NonNullable<typeof context>), item }))
      .filter(one => listing.where === undefined || holds(one, listing.where))
      .map(one => value => readValue(one, value)?.text)
  }

  return { api, call, create, items }
}

function timeOf(text: string, unit: 'iso' | 's' | 'ms'): number {
  return unit === 'iso' ? Date.parse(text) : Number(text) * (unit === 's' ? 1000 : 1)
}

/** Slots of a consent, its company's accounts among them. */
export function slotsAt({ definition, slots }: AnyConsent, { values, slots: known }: AccountFixture): Slots {
  const accounts = Object.entries(values).map(([kind, value]) => [`account.${kind}`, value])
  return {
    ...slots,
    ...known,
    ...(Object.fromEntries(accounts) as Slots),
    account: values[definition.accounts[0]?.kind ?? ''] ?? '',
  }
}

/** When a hook is to end that is made now. */
export function endSlots({ activation: { days } }: ProviderDefinition, now: number): Slots {
  const ms = now + (days ?? 1) * 86_400_000
  return {
    'expires.iso': new Date(ms).toISOString(),
    'expires.s': String(Math.floor(ms / 1000)),
    'expires.ms': String(ms),
    ttl: String((days ?? 1) * 86_400),
  }
}

const usual: Record<number, RefusalMeaning> = {
  401: 'token',
  402: 'plan',
  403: 'scope',
  404: 'gone',
  409: 'taken',
  410: 'gone',
  429: 'quota',
}

/** What a refusal means: the first of the definition's own that fits, else by its status. */
export function meaningOf({ refusals = [] }: ActivationApi, { status, body }: Answer): RefusalMeaning | undefined {
  const context = answerContext(body)
  const known = refusals.find(
    ({ status: wanted, when }) =>
      [wanted].flat().includes(status) && (when === undefined || (context !== undefined && holds(context, when))),
  )
  return known?.means ?? usual[status]
}
