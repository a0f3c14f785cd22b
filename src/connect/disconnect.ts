import { exits, WhsError } from '../core/errors.ts'
import { type Slots, slotsOf } from '../core/fill-text.ts'
import type { OAuth } from '../core/oauth-definition.ts'
import type { Call } from '../core/value-definition.ts'
import type { OpenConnection } from '../store/connection-ops.ts'
import { type ApiPage, callPages } from './api-call.ts'
import { type CallDeps, type CallPlace, callPlaceOf } from './call-place.ts'
import { basicCredentials } from './client-auth.ts'
import { clientIdOf } from './consent.ts'
import { secretsNamed } from './credentials.ts'
import { accountSlots } from './slots.ts'
import { tenantAsk } from './tenant-ask.ts'

export type DisconnectDeps = CallDeps & {
  /** Removes the hooks that were made with a connection's token, while that still holds; says what could not be removed. */
  endHooks?(connection: string): Promise<EndedHooks>
}

/** What became of a connection's hooks at the provider. */
export interface EndedHooks {
  removed: number
  left: { id: string; providerId: string | null; resource: string | null; why: string }[]
}

/** What became of one connection. */
export interface Disconnected {
  id: string
  app: string
  accounts: { kind: string; value: string; name: string | null }[]
  /** `revoked`: the provider took the token back; `kept`: it was not asked to; `failed`: it did not. */
  atProvider: 'revoked' | 'kept' | 'failed'
  /** Why it was kept or failed. */
  why: string | null
  hooks: EndedHooks
}

/**
 * Ends a tenant's connections (at one app): takes the tokens back at the provider where it offers that, as well as it
 * goes, then drops tokens and mappings here in one write. Tenant and history stay; new events of the accounts are parked.
 * @throws WhsError `no-tenant`, `no-connection` (exit 5)
 */
export async function disconnectTenant(
  deps: DisconnectDeps,
  { tenant, app }: { tenant: string; app: string | null },
): Promise<Disconnected[]> {
  const connections = await deps.store.read('openConnections', { tenant, app })
  if (connections.length === 0) {
    throw new WhsError({
      code: 'no-connection',
      exit: exits.unknown,
      what: `${tenant} has no connection${app ? ` at ${app}` : ''}`,
      why: 'there is nothing to end; accounts mapped by hand are unmapped',
      next: `whs tenants show ${tenant}`,
    })
  }
  const ended: Disconnected[] = []
  const hooks = new Map<string, EndedHooks>()
  for (const { id } of connections) hooks.set(id, (await deps.endHooks?.(id)) ?? noHooks)
  // Connections of one consent share its tokens: they are taken back once.
  const revoked = new Map<string, Revocation>()
  for (const connection of connections) {
    const { id, app, accounts } = connection
    const key = connection.access ?? id
    const revocation = revoked.get(key) ?? (await revokeAtProvider(deps, tenant, connection))
    revoked.set(key, revocation)
    const shown = accounts.map(({ kind, value, name }) => ({ kind, value, name }))
    ended.push({ id, app, accounts: shown, ...revocation, hooks: hooks.get(id) ?? noHooks })
  }
  await deps.store.write('disconnect', { ids: ended.map(({ id }) => id) })
  return ended
}

const noHooks: EndedHooks = { removed: 0, left: [] }

type Revocation = Pick<Disconnected, 'atProvider' | 'why'>

async function revokeAtProvider(deps: DisconnectDeps, tenant: string, connection: OpenConnection): Promise<Revocation> {
  const others = [...new Set(connection.accounts.flatMap(({ alsoOf }) => alsoOf))]
  if (others.length > 0) {
    return { atProvider: 'kept', why: `${others.join(', ')} has the same account, and revoking could end that too` }
  }
  const sharing = [...new Set(connection.sharesTokensWith)].filter(name => name !== tenant)
  if (sharing.length > 0) {
    return {
      atProvider: 'kept',
      why: `${sharing.join(', ')} came with the same consent, and revoking would end that too`,
    }
  }
  if (connection.access === null && connection.refresh === null) {
    return {
      atProvider: 'kept',
      why: connection.unreadable ? 'its stored tokens cannot be read' : 'no token is stored',
    }
  }
  try {
    const place = await callPlaceOf(deps, connection.id)
    const { company, oauth, credentials } = place.definition
    if (place.connection.byKey)
      return { atProvider: 'kept', why: `its key is taken back by hand: ${credentials?.key.where}` }
    if (!oauth.revoke) return { atProvider: 'kept', why: `${company} offers no way to revoke` }
    return await revoke(deps, place, connection)
  } catch (error) {
    if (!(error instanceof WhsError)) throw error
    if (error.code === 'connection-broken') return { atProvider: 'kept', why: `its token is dead: ${error.why}` }
    return { atProvider: 'failed', why: [error.message, error.why].filter(Boolean).join(': ') }
  }
}

async function revoke(deps: DisconnectDeps, place: CallPlace, connection: OpenConnection): Promise<Revocation> {
  const { app, definition, hosts } = place
  const call = revokingCall(definition.oauth)
  const slots = slotsFor(place, connection)
  for (const name of secretsOf(call)) {
    const [secret] = await deps.secretsOf(app, name)
    const label = name === 'client' ? 'client secret' : (definition.secrets[name]?.label ?? name)
    if (!secret) return { atProvider: 'failed', why: `the ${label} of ${app.name} is not stored` }
    slots[`secret.${name}`] = secret.value
    if (name === 'client') slots[clientBasic] = basicCredentials(clientIdOf(deps, app), secret.value)
  }
  const ask = tenantAsk(deps, place, call, { patienceMs: 5_000 })
  const answer = await firstPage(callPages(deps, call, { hosts, slots }, ask))
  if (answer?.verdict === 'good') return { atProvider: 'revoked', why: null }
  return { atProvider: 'failed', why: `${definition.company} answered ${answer?.status}` }
}

async function firstPage(pages: AsyncGenerator<ApiPage>): Promise<ApiPage | undefined> {
  for await (const page of pages) return page
  return undefined
}

/** Slots of our own, beside those that definitions name. */
const clientBasic = 'own.basic'
const endedToken = 'own.token'

function slotsFor(
  { definition, slots, connection: { access, refresh } }: CallPlace,
  { accounts }: OpenConnection,
): Slots {
  const { revoke } = definition.oauth
  const wantsAccess = revoke !== undefined && 'field' in revoke && revoke.token === 'access'
  const ended = (wantsAccess ? (access ?? refresh) : (refresh ?? access)) ?? ''
  return { ...slots, ...accountSlots(definition, accounts), [endedToken]: ended }
}

/** RFC 7009 with the app's own authentication, or the definition's own call. */
function revokingCall({ revoke, clientAuth }: OAuth): Call {
  const way = revoke as NonNullable<typeof revoke>
  if ('call' in way) return way.call
  const own: Record<string, string> =
    clientAuth === 'post' ? { client_id: '{clientId}', client_secret: '{secret.client}' } : {}
  const fields: Record<string, string> = { [way.field]: `{${endedToken}}`, ...own }
  return {
    method: 'POST',
    url: way.url,
    auth: clientAuth === 'post' ? 'none' : { header: 'authorization', value: `{${clientBasic}}` },
    body: way.body === 'json' ? { json: fields } : { form: fields },
  }
}

/** The secrets that a call needs. */
function secretsOf(call: Call): string[] {
  const wantsClient = slotsOf(JSON.stringify(call)).includes(clientBasic)
  return [...new Set([...secretsNamed(call), ...(wantsClient ? ['client'] : [])])]
}
