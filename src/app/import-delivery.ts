import { exits, WhsError } from '../core/errors.ts'
import { type Accepted, readItems } from '../core/ingest.ts'
import type { RawDelivery } from '../core/keyring.ts'
import { writeItems } from '../core/sample.ts'
import { secretKey } from '../core/scheme-text.ts'
import { writeAccounts } from '../core/write-accounts.ts'
import type { ReceivingApp } from '../receive/receiving-app.ts'
import { storeDelivery } from '../receive/store-delivery.ts'
import type { StoredEvent } from '../store/event-ops.ts'
import type { App } from './app.ts'
import { knownTenant } from './known-tenant.ts'
import { asTenantOf } from './replay.ts'
import { appOfSaved, ingestSaved, rawOf, readSaved, type SavedDelivery } from './saved-delivery.ts'

export interface ImportWish {
  file: string
  /** The app here; else that of the same name or provider. */
  app?: string
  asTenant?: string
}

/** What an import became. */
export interface Imported {
  events: StoredEvent[]
  /** Why it is not taken as verified; null where it verified with a secret of this store. */
  unverified: string | null
}

/**
 * Takes an exported delivery into this store, as of now, with what its first store said of it as its origin. It is
 * verified only where a secret of this store proves it, and is sent nowhere but by a replay. As another tenant's, its
 * accounts are written anew, so that it does not verify any more.
 * @throws WhsError of reading; `import-rejected`, `import-handshake`, `import-ignored`, `cannot-write-account` (2); `no-account` (3)
 */
export async function importDelivery(app: App, { file, app: named, asTenant }: ImportWish): Promise<Imported> {
  const saved = await readSaved(file)
  const stored = await appOfSaved(app, saved, named)
  const receiving = await app.receivingApp(stored)
  const changed = asTenant === undefined ? null : await asTenants(app, receiving, saved, asTenant)
  const delivery = changed?.delivery ?? rawOf(saved)
  const { facts } = saved
  const look = changed ? changed.look : await lookAt(app, receiving, saved)
  if (look.why !== null && facts.rejected) throw wasRejected(file, look.why)
  const { id, provider, env, receivedAt, verified, events, masked, app: appThere } = facts
  const origin = { deliveryId: id, app: appThere, provider, env, receivedAt, verified, masked, asTenant, events }
  const { method, headers, body, suffix } = delivery
  const { seq } = await storeDelivery(
    app.store(),
    receiving,
    { ...look.accepted, status: facts.status },
    {
      appId: receiving.id,
      receivedAt: app.now(),
      method,
      path: `/hooks/${receiving.name}`,
      suffix,
      headers: JSON.stringify(headers),
      body,
      source: 'import',
      ...(look.why === null ? {} : { unproved: true as const }),
      origin: JSON.stringify(origin),
    },
  )
  if (seq === 0) throw ignored(file)
  return { events: await app.store().read('eventsOfDelivery', { deliverySeq: seq }), unverified: look.why }
}

interface Look {
  accepted: Accepted
  /** Why nothing proves it here. */
  why: string | null
}

/** What it is by the secrets of this store, as of its arrival in the other. */
async function lookAt(app: App, receiving: ReceivingApp, saved: SavedDelivery): Promise<Look> {
  const result = await ingestSaved(app, receiving, saved)
  if (result.outcome === 'handshake') throw isHandshake()
  if (result.outcome === 'accepted') return { accepted: result, why: null }
  const why =
    result.outcome === 'rejected' ? result.detail : `the key ${result.keyId} of ${result.url} is not known here`
  return { accepted: unproved(receiving, rawOf(saved), saved, null), why }
}

/** Stored as unproved; which scheme and URL it had are kept, so that a replay signs as the provider does. */
function unproved(
  receiving: ReceivingApp,
  delivery: RawDelivery,
  { facts }: SavedDelivery,
  activation: number | null,
): Accepted {
  const { definition } = receiving
  const { webhook } = definition
  const scheme = facts.scheme !== null && facts.scheme < webhook.verify.length ? facts.scheme : 0
  const items = readItems(definition, delivery, activation)
  const proof = { verified: 'token' as const, scheme, url: facts.url, secretId: null, activation }
  return { outcome: 'accepted', status: facts.status, ...proof, items, refused: [] }
}

/** The delivery as if it had been that tenant's, through the paths by which its accounts are read. */
async function asTenants(
  app: App,
  receiving: ReceivingApp,
  saved: SavedDelivery,
  name: string,
): Promise<{ delivery: RawDelivery; look: Look }> {
  const { definition } = receiving
  const { accounts, hook } = (await asTenantOf(app, await knownTenant(app, name))).at(receiving.name)
  if (Object.keys(accounts).length === 0 && hook === null) throw noAccount(receiving.name, name)
  const { kind } = definition.activation
  const all = kind && hook?.providerId ? { ...accounts, [kind]: hook.providerId } : accounts
  const raw = rawOf(saved)
  let message = writeAccounts(definition, raw, all)
  const scheme = definition.webhook.verify[saved.facts.scheme ?? 0]
  const key = scheme && secretKey(scheme)
  const id = hook?.providerId
  if (key?.activation !== undefined && id) {
    const at = key.activation
    message = writeItems(definition, message, () => [[at, id]])
  }
  const isHooks = hook !== null && (key === undefined || (key.of ?? 'app') !== 'app')
  const delivery = { ...raw, ...message }
  const look = { accepted: unproved(receiving, delivery, saved, isHooks ? hook.seq : null), why: `it is ${name}’s now` }
  return { delivery, look }
}

function wasRejected(file: string, why: string): WhsError {
  return new WhsError({
    code: 'import-rejected',
    exit: exits.usage,
    what: `${file} is not taken in: it was rejected where it came, and does not verify here`,
    why,
    next: `whs verify --file ${file}`,
  })
}

function isHandshake(): WhsError {
  return new WhsError({
    code: 'import-handshake',
    exit: exits.usage,
    what: 'it is a handshake, and no delivery',
    why: 'it tested a callback URL and carries no event',
    next: 'whs events export <id> --as json',
  })
}

function ignored(file: string): WhsError {
  return new WhsError({
    code: 'import-ignored',
    exit: exits.usage,
    what: `nothing of ${file} is kept`,
    why: 'every account in it is ignored here',
    next: `whs events import ${file} --as-tenant <tenant>`,
  })
}

function noAccount(app: string, tenant: string): WhsError {
  return new WhsError({
    code: 'no-account',
    exit: exits.missing,
    what: `${tenant} has no account at ${app}`,
    why: 'a delivery becomes another tenant’s by writing that tenant’s account into it',
    next: `whs connect ${app} --tenant ${tenant}`,
  })
}
