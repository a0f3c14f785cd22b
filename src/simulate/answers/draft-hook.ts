import { Buffer } from 'node:buffer'
import type { ActivationApi } from '../../core/activation-definition.ts'
import { fillText } from '../../core/fill-text.ts'
import { freshId } from '../../core/sample-values.ts'
import { signingSecrets } from '../../core/scheme-text.ts'
import type { Value } from '../../core/value-definition.ts'
import { makeSecret } from '../apps.ts'
import { accountOf, type Company } from '../companies.ts'
import type { Hook } from '../hooks.ts'
import type { World } from '../world.ts'
import { readAnswer } from './read-answer.ts'

type Slots = Record<string, string>

interface Wish {
  clientId: string
  company: Company | null
  slots: Slots
}

const dayMs = 86_400_000

/** A hook as a request asks for it, for a company or (null) the app. It does not stand yet. */
export function draftHook(world: World, api: ActivationApi, wish: Wish): Hook {
  const { clientId, company, slots } = wish
  const kept = Object.entries(api.made.keep ?? {}).map(([name, value]) => [name, freshText(world, value)])
  return {
    id: idOf(world, api, wish),
    clientId,
    company,
    url: slots.callback ?? null,
    secret: broughtSecret(slots) ?? ownSecret(world, api, clientId),
    resource: slots.resource ?? null,
    expiresAt: endOf(world, slots),
    kept: Object.fromEntries(kept) as Slots,
  }
}

/** The one that was chosen; where hooks share one, what they are for; else one like that of the fixture. */
function idOf(world: World, api: ActivationApi, { clientId, company, slots }: Wish): string {
  const { id } = api.made
  if (typeof id === 'object' && 'chosen' in id) {
    const account = company ? accountOf(world.definition, company) : ''
    const accounts = Object.entries(company?.values ?? {}).map(([kind, value]) => [`account.${kind}`, value])
    const known = { clientId, account, ...(Object.fromEntries(accounts) as Slots), ...slots }
    return slots.activation ?? fillText(id.chosen, known) ?? world.hooks.newId(company)
  }
  if (slots.resource !== undefined && api.list?.keep) return slots.resource
  const isNumber = JSON.stringify(api).includes('"$number":"{activation}"')
  return world.hooks.newId(company, textIn(world, id) ?? (isNumber ? '10001' : undefined))
}

/** A text like the one that stands in the fixture's answer, but this hook's alone. */
function freshText(world: World, value: Value): string {
  const random = world.randomBytes(16)
  const like = textIn(world, value)
  return like === undefined ? Buffer.from(random).toString('hex') : freshId(like, random, 0)
}

function textIn({ fixtures }: World, value: Value): string | undefined {
  return readAnswer(fixtures.answer('activation-create'), value)
}

/** The secret that the app chose, as the request brought it. */
export function broughtSecret({ secret, secretUser, secretPassword }: Slots): string | null {
  return secret ?? (secretUser === undefined ? null : `${secretUser}:${secretPassword ?? ''}`)
}

/** One that the provider gives. The first hook of an app has the secret that the portal shows. */
function ownSecret(
  { definition, apps, hooks, randomBytes }: World,
  api: ActivationApi,
  clientId: string,
): string | null {
  const { made, list } = api
  const isBrought = definition.webhook.handshakes?.some(({ brings }) => brings?.of === 'activation') ?? false
  if (!made.secret && !made.secretBy && !list?.secret && !isBrought) return null
  const [own] = signingSecrets(definition, 'activation')
  if (own !== undefined) return makeSecret(definition, own, clientId, randomBytes)
  const [name] = signingSecrets(definition, 'app')
  if (name === undefined) return null
  const app = apps.get(clientId)
  const isFirst = app?.callbackUrl === null && hooks.list().every(({ secret }) => secret !== app.secrets[name])
  return (isFirst && app?.secrets[name]) || makeSecret(definition, name, clientId, randomBytes)
}

/** When it is to end: as asked, but not later than the provider lets it live; null: never. NaN where it was no time. */
export function endOf({ definition, now }: World, slots: Slots): number | null {
  const { days } = definition.activation
  const latest = days === undefined ? null : now() + days * dayMs
  const asked = askedEnd(slots, now())
  if (asked === undefined) return latest
  return latest === null ? asked : Math.min(asked, latest)
}

function askedEnd(slots: Slots, now: number): number | undefined {
  const { 'expires.iso': iso, 'expires.s': seconds, 'expires.ms': ms, ttl } = slots
  if (iso !== undefined) return Date.parse(iso)
  if (ms !== undefined) return Number(ms)
  if (seconds !== undefined) return Number(seconds) * 1000
  return ttl === undefined ? undefined : now + Number(ttl) * 1000
}
