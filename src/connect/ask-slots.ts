import type { Ask, ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { clip, safeText } from '../core/text.ts'
import { isLabel } from '../core/url-template.ts'
import type { ConsentWish } from '../store/consent-ops.ts'
import { againCommand } from './again-command.ts'
import type { ConsentDeps } from './consent.ts'

/** What must be typed before a tenant can be sent to the provider, such as its shop. */
export interface SlotsQuestion {
  app: string
  /** The provider's name. */
  name: string
  asks: Ask[]
}

/** What a person typed (perhaps a whole address) as the value itself; undefined where it cannot be one. */
export function cleanSlot({ pattern, suffix }: Ask, typed: string): string | undefined {
  let text = typed.trim()
  if (suffix) {
    text = text.replace(/^[a-z]+:\/\//i, '').replace(/[/?#].*$/, '')
    text = text.toLowerCase()
    if (text.endsWith(suffix.toLowerCase())) text = text.slice(0, -suffix.length)
  }
  return isLabel(text) && new RegExp(`^(?:${pattern})$`).test(text) ? text : undefined
}

/** Why a text cannot be what is asked for; undefined where it can. */
export function slotFault(ask: Ask, typed: string): string | undefined {
  if (cleanSlot(ask, typed) !== undefined) return undefined
  return `it looks like ${ask.example}${ask.suffix ? ` (or ${ask.example}${ask.suffix})` : ''}`
}

/**
 * The values of everything that the definition asks for: typed, else those of the tenant's earlier connection, else asked.
 * @throws WhsError `unknown-slot`, `bad-slot`, `missing-slot` (exit 2)
 */
export async function askedSlots(
  deps: ConsentDeps,
  definition: ProviderDefinition,
  app: string,
  wish: ConsentWish,
): Promise<Record<string, string>> {
  const asks = definition.ask ?? []
  refuseUnknown(definition, app, wish)
  const known = { ...(await earlierSlots(deps, app, wish)), ...wish.slots }
  const missing = asks.filter(({ name }) => known[name] === undefined)
  if (missing.length > 0 && deps.askSlots) {
    Object.assign(known, await deps.askSlots({ app, name: definition.name, asks: missing }))
  }
  return Object.fromEntries(asks.map(ask => [ask.name, checked(ask, definition, { app, wish }, known[ask.name])]))
}

function refuseUnknown({ name, ask = [] }: ProviderDefinition, app: string, wish: ConsentWish): void {
  const unknown = Object.keys(wish.slots).find(one => !ask.some(({ name }) => name === one))
  if (unknown === undefined) return
  throw new WhsError({
    code: 'unknown-slot',
    exit: exits.usage,
    what: `${name} does not ask for "${safeText(unknown)}"`,
    why: ask.length === 0 ? 'it needs nothing before a consent' : `known: ${ask.map(one => one.name).join(', ')}`,
    next: againCommand({ app, wish: { ...wish, slots: ask[0] ? { [ask[0].name]: ask[0].example } : {} } }),
  })
}

function checked(
  ask: Ask,
  { name }: ProviderDefinition,
  { app, wish }: { app: string; wish: ConsentWish },
  typed: string | undefined,
): string {
  const next = againCommand({ app, wish: { ...wish, slots: { ...wish.slots, [ask.name]: ask.example } } })
  if (typed === undefined) {
    const what = `${name} must know the tenant's ${ask.label} before the consent`
    throw new WhsError({ code: 'missing-slot', exit: exits.usage, what, why: 'its address depends on it', next })
  }
  const value = cleanSlot(ask, typed)
  if (value !== undefined) return value
  throw new WhsError({
    code: 'bad-slot',
    exit: exits.usage,
    what: `"${clip(safeText(typed), 60)}" cannot be the ${ask.label} of ${name}`,
    why: slotFault(ask, typed) ?? '',
    next,
  })
}

/** What the one connection of the one named tenant was asked for, so that connecting again asks nothing. */
async function earlierSlots(
  { store }: ConsentDeps,
  app: string,
  { tenants }: Pick<ConsentWish, 'tenants'>,
): Promise<Record<string, string>> {
  const [only, ...others] = tenants
  if (!only || others.length > 0) return {}
  const tenant = await store.read('findTenant', { name: only.tenant })
  const connections = (tenant?.connections ?? []).filter(connection => connection.app === app)
  return connections.length === 1 ? (connections[0]?.slots ?? {}) : {}
}
