import { appHosts } from '../core/app-hosts.ts'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { fillUrl } from '../core/url-template.ts'
import type { App } from '../store/app-ops.ts'
import type { OpenConnection } from '../store/connection-ops.ts'
import { basicCredentials } from './client-auth.ts'
import { type ConsentDeps, clientIdOf, mustFindApp } from './consent.ts'

export type DisconnectDeps = Pick<ConsentDeps, 'store' | 'http' | 'definitionOf' | 'secretsOf' | 'clientIdOf'>

/** What became of one connection. */
export interface Disconnected {
  id: string
  app: string
  accounts: { kind: string; value: string; name: string | null }[]
  /** `revoked`: the provider took the token back; `kept`: it was not asked to; `failed`: it did not. */
  atProvider: 'revoked' | 'kept' | 'failed'
  /** Why it was kept or failed. */
  why: string | null
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
  for (const connection of connections) {
    const { id, app, accounts } = connection
    const shown = accounts.map(({ kind, value, name }) => ({ kind, value, name }))
    ended.push({ id, app, accounts: shown, ...(await revokeAtProvider(deps, connection)) })
  }
  await deps.store.write('disconnect', { ids: ended.map(({ id }) => id) })
  return ended
}

type Revocation = Pick<Disconnected, 'atProvider' | 'why'>

async function revokeAtProvider(deps: DisconnectDeps, connection: OpenConnection): Promise<Revocation> {
  const others = [...new Set(connection.accounts.flatMap(({ alsoOf }) => alsoOf))]
  if (others.length > 0) {
    return { atProvider: 'kept', why: `${others.join(', ')} has the same account, and revoking could end that too` }
  }
  const token = connection.refresh ?? connection.access
  if (!token) return { atProvider: 'kept', why: 'no token is stored' }
  try {
    const app = await mustFindApp(deps, connection.app)
    const definition = deps.definitionOf(app.provider)
    if (!definition.oauth.revoke) return { atProvider: 'kept', why: `${definition.company} offers no way to revoke` }
    return await revoke(deps, app, definition, token)
  } catch (error) {
    if (!(error instanceof WhsError)) throw error
    return { atProvider: 'failed', why: [error.message, error.why].filter(Boolean).join(': ') }
  }
}

/** RFC 7009, with the body that the definition names. */
async function revoke(
  deps: DisconnectDeps,
  app: App,
  definition: ProviderDefinition,
  token: string,
): Promise<Revocation> {
  const { oauth, company } = definition
  const { url, body, field } = oauth.revoke as NonNullable<typeof oauth.revoke>
  const [secret] = await deps.secretsOf(app, 'client')
  if (!secret) return { atProvider: 'failed', why: `the client secret of ${app.name} is not stored` }
  const clientId = clientIdOf(deps, app)
  const fields: Record<string, string> = { [field]: token }
  if (oauth.clientAuth === 'post') Object.assign(fields, { client_id: clientId, client_secret: secret.value })
  const answer = await deps.http({
    method: 'POST',
    url: fillUrl(url, appHosts(definition, app)),
    headers: {
      accept: 'application/json',
      'content-type': body === 'json' ? 'application/json' : 'application/x-www-form-urlencoded',
      ...(oauth.clientAuth === 'basic' ? { authorization: basicCredentials(clientId, secret.value) } : {}),
    },
    body: body === 'json' ? JSON.stringify(fields) : new URLSearchParams(fields).toString(),
  })
  if (answer.status >= 200 && answer.status < 300) return { atProvider: 'revoked', why: null }
  return { atProvider: 'failed', why: `${company} answered ${answer.status}` }
}
