import type { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { RawHeaders } from '../core/headers.ts'
import { readItems } from '../core/ingest.ts'
import { cutPart } from '../core/part.ts'
import { type SampleMessage, writeItems } from '../core/sample.ts'
import { writeAccounts } from '../core/write-accounts.ts'
import type { ForwardEvent, ForwardWork } from '../store/forward-ops.ts'
import { isOwn } from '../store/own-delivery-ops.ts'
import { startsOf } from './forward-request.ts'

/** The tenant as which events are sent, with what it has at an app: accounts (kind → value), and its hook. */
export interface AsTenant {
  name: string
  at(app: string): { accounts: Record<string, string>; hook: { seq: number; providerId: string | null } | null }
}

/** A part that is not what arrived any more. `part` where its delivery had more items. */
export interface ChangedPart {
  work: ForwardWork
  changed: 'whole' | 'part'
}

/**
 * A part alone, its other items cut out, so that it can be changed further.
 * @throws WhsError `cannot-change` (exit 2)
 */
export function partAlone(definition: ProviderDefinition, work: ForwardWork): ChangedPart {
  if (isOwn(work.source)) throw cannotChange(work, 'no request brought it, so it goes out as an event, and as it is')
  const starts = startsOf(work)
  let body: Buffer | null = null
  try {
    if (starts.length < work.items) body = cutPart(definition, work.body, starts)
  } catch (error) {
    throw cannotChange(work, (error as Error).message)
  }
  // Offsets are of the delivery; of the part alone it only counts which events share an item.
  return {
    work: { ...work, body: body ?? work.body, items: starts.length },
    changed: body === null ? 'whole' : 'part',
  }
}

/**
 * A part as another tenant's: accounts and the hook's id written where the old ones stand, to be signed with that
 * tenant's own secret where hooks have one.
 * @throws WhsError `cannot-write-account` (2), `no-account`, `no-hook` (3)
 */
export function asTenant(
  definition: ProviderDefinition,
  { work, changed }: ChangedPart,
  { name, at }: AsTenant,
): ChangedPart {
  const { accounts, hook } = at(work.app)
  const scheme = definition.webhook.verify[work.scheme ?? 0]
  const key = scheme && 'key' in scheme && 'secret' in scheme.key ? scheme.key : undefined
  const isHooks = work.activation !== null && (key === undefined || (key.of ?? 'app') !== 'app')
  if (isHooks && hook === null && key?.of !== 'either') throw noHook(definition, work, name)
  if (hook === null && Object.keys(accounts).length === 0) throw noAccount(work, name)
  const { kind } = definition.activation
  const all = kind && hook?.providerId ? { ...accounts, [kind]: hook.providerId } : accounts
  let message: SampleMessage = { headers: JSON.parse(work.headers) as RawHeaders, body: work.body }
  message = writeAccounts(definition, message, all)
  const idAt = key?.activation
  const id = hook?.providerId
  if (idAt !== undefined && id) message = writeItems(definition, message, () => [[idAt, id]])
  return {
    work: {
      ...work,
      tenant: name,
      headers: JSON.stringify(message.headers),
      body: message.body,
      activation: isHooks ? (hook?.seq ?? null) : work.activation,
      secretFingerprint: isHooks ? null : work.secretFingerprint,
      events: withAccounts(definition, work, message, all),
    },
    changed,
  }
}

/** The events of a part with the accounts that its items name now. */
function withAccounts(
  definition: ProviderDefinition,
  work: ForwardWork,
  message: SampleMessage,
  accounts: Record<string, string>,
): ForwardEvent[] {
  const items = readItems(definition, { method: work.method, ...message })
  const starts = startsOf(work)
  return work.events.map(event => {
    const now = items[starts.indexOf(event.start)]?.accounts.flat() ?? []
    const own = now.find(({ kind, value }) => accounts[kind] === value)
    return { ...event, account: own?.value ?? null }
  })
}

/** A part with another body, as a person edited it. */
export function withBody(definition: ProviderDefinition, part: ChangedPart, body: Buffer): ChangedPart {
  const { work } = part
  const headers = JSON.parse(work.headers) as RawHeaders
  const items = readItems(definition, { method: work.method, headers, body })
  const starts = startsOf(work)
  const events = work.events.map(event => {
    const now = items[starts.indexOf(event.start)]?.accounts.flat()[0]
    return now === undefined ? event : { ...event, account: now.value }
  })
  return { ...part, work: { ...work, body, events } }
}

function cannotChange(work: ForwardWork, why: string): WhsError {
  return new WhsError({
    code: 'cannot-change',
    exit: exits.usage,
    what: `the part of ${work.deliveryId} for ${work.tenant ?? 'nobody'} cannot be changed`,
    why,
    next: `whs events show ${work.deliveryId}`,
  })
}

function noAccount({ app }: ForwardWork, tenant: string): WhsError {
  return new WhsError({
    code: 'no-account',
    exit: exits.missing,
    what: `${tenant} has no account at ${app}`,
    why: 'an event is sent as another tenant’s by writing that tenant’s account into it',
    next: `whs connect ${app} --tenant ${tenant}`,
  })
}

function noHook({ activation, name }: ProviderDefinition, { app }: ForwardWork, tenant: string): WhsError {
  return new WhsError({
    code: 'no-hook',
    exit: exits.missing,
    what: `${tenant} has no ${activation.noun ?? 'webhook'} at ${app} that could have sent it`,
    why: `each hook at ${name} has a secret or key of its own`,
    next: `whs activations add ${app} --tenant ${tenant}`,
  })
}
