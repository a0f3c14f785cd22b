import { timingSafeEqual } from 'node:crypto'
import { normaliseAccount } from '../core/account.ts'
import type { ProviderDefinition } from '../core/definition.ts'
import { WhsError } from '../core/errors.ts'
import { answerContext, readValue } from '../core/value.ts'
import type { Reply, RouteRequest } from '../net/door.ts'
import type { App } from '../store/app-ops.ts'
import { basicCredentials } from './client-auth.ts'
import { type ConsentDeps, hashOf } from './consent.ts'

/**
 * Takes a provider's word at the redirect URI that a tenant has left (`oauth.leaves`): proved by the app's own Basic
 * credentials, it ends the connections of the account that it names. Anything else changes nothing.
 */
export async function takeLeave(deps: ConsentDeps, request: RouteRequest): Promise<Reply> {
  const app = await deps.store.read('findApp', { name: request.params.app ?? '' })
  const definition = app && definitionOf(deps, app)
  const { leaves } = definition?.oauth ?? {}
  if (!app || !definition || !leaves) return { status: 404, body: 'There is nothing here.\n' }
  if (!(await isProvider(deps, app, request.headers.authorization ?? ''))) {
    return { status: 401, headers: { 'www-authenticate': 'Basic' }, body: 'That is not this app.\n' }
  }
  const context = answerContext(request.body)
  const known = definition.accounts.find(({ kind }) => kind === leaves.kind)
  const value = context && known && normaliseAccount(known.normalise, readValue(context, leaves.at)?.text ?? '')
  if (!value) return { status: 400, body: 'It names no account.\n' }
  await deps.store.write('leaveAccount', { appId: app.id, kind: leaves.kind, value, why: leaves.why })
  return { status: 200, body: '' }
}

function definitionOf(deps: ConsentDeps, { provider }: App): ProviderDefinition | undefined {
  try {
    return deps.definitionOf(provider)
  } catch (error) {
    if (error instanceof WhsError) return undefined
    throw error
  }
}

async function isProvider(deps: ConsentDeps, app: App, authorization: string): Promise<boolean> {
  const clientId = deps.clientIdOf(app)
  const secrets = await deps.secretsOf(app, 'client')
  if (!clientId) return false
  return secrets.some(({ value }) =>
    [basicCredentials(clientId, value), plainBasic(clientId, value)].some(wanted => sameText(wanted, authorization)),
  )
}

function plainBasic(clientId: string, secret: string): string {
  return `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`
}

/** In a time that says nothing of where they differ. */
function sameText(left: string, right: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(left)), Buffer.from(hashOf(right)))
}
