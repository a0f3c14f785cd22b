import type { ApiPage } from '../connect/api-call.ts'
import { apiRequest } from '../connect/api-request.ts'
import { mendCommand } from '../connect/broken.ts'
import { providersText, withoutSecrets } from '../connect/said.ts'
import { isTokenRefused } from '../connect/token-refused.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { Slots } from '../core/fill-text.ts'
import { parseRetryAfter } from '../core/retry.ts'
import { clip, didYouMean, durationText, safeText } from '../core/text.ts'
import type { Call } from '../core/value-definition.ts'
import type { Tenant, TenantConnection } from '../store/tenant-ops.ts'
import { accountValue } from './account-value.ts'
import type { App } from './app.ts'
import { type HookWaiter, hookDeps } from './consent-deps.ts'
import { knownTenant } from './known-tenant.ts'

/** A request to a provider's API in a tenant's name, as it was typed. */
export interface ApiWish {
  tenant: string
  method: string
  target: string
  app: string | null
  account: string | null
  body: Buffer | null
  type: string | null
  all: boolean
}

/** One page of the answer, and what a bad one means. */
export interface TenantPage {
  page: ApiPage
  /** Null where it is good; its body then is what was asked for. */
  failure: WhsError | null
}

/**
 * Makes a request as a tenant, page after page where all are wanted; the first that is not good is the last.
 * @throws WhsError `no-tenant`, `no-connection` (exit 5), `which-connection`, `bad-method` (exit 2), those of `apiRequest`
 */
export async function* callAsTenant(app: App, wish: ApiWish, waiter: HookWaiter): AsyncGenerator<TenantPage> {
  const method = methodOf(wish)
  const tenant = await knownTenant(app, wish.tenant)
  const { connection, account } = await connectionFor(app, tenant, wish)
  const { target, body, type, all } = wish
  const request = { method, target, body, type, all }
  for await (const page of apiRequest(hookDeps(app, waiter), connection.id, request, account)) {
    const failure =
      page.verdict === 'good' ? null : failureOf(app, { page, tenant, connection, wish: { ...wish, method } })
    yield { page, failure }
    if (failure) return
  }
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

function methodOf({ tenant, method, target, body }: ApiWish): Call['method'] {
  const upper = method.toUpperCase()
  const known = methods.find(one => one === upper)
  if (known === 'GET' && body !== null) {
    throw wrong('bad-method', 'a GET has no body', '--body was given', 'POST, PUT or PATCH it')
  }
  if (known) return known
  const line = 'whs api <tenant> <METHOD> <path or url>'
  const isSwapped = methods.some(one => one === tenant.toUpperCase())
  const why = isSwapped ? 'the tenant comes first' : `there are ${methods.join(', ')}${near(upper, methods)}`
  const next = isSwapped ? `whs api ${safeText(method)} ${tenant.toUpperCase()} ${safeText(target)}` : line
  throw wrong('bad-method', `${safeText(method)} is no method`, why, next)
}

function near(word: string, known: readonly string[]): string {
  const [one] = didYouMean(word, [...known])
  return one === undefined ? '' : `; did you mean ${one}?`
}

interface Chosen {
  connection: TenantConnection
  /** The slots of the account that was named. */
  account: Slots
}

async function connectionFor(app: App, tenant: Tenant, wish: ApiWish): Promise<Chosen> {
  const at = wish.app === null ? null : (await app.findApp(wish.app)).name
  const open = tenant.connections.filter(({ state, app: name }) => state !== 'revoked' && (at === null || name === at))
  const named = wish.account === null ? null : wish.account
  const found = open.flatMap(connection => {
    if (named === null) return [{ connection, account: {} }]
    const account = accountSlotsOf(app, tenant, connection, named)
    return account ? [{ connection, account }] : []
  })
  const [only, ...others] = found
  if (only && others.length === 0) return only
  if (only) throw severalConnections(tenant, found, wish)
  throw new WhsError({
    code: 'no-connection',
    exit: exits.unknown,
    what: `${tenant.name} has no connection${at === null ? '' : ` at ${at}`}${named === null ? '' : ` with ${safeText(named)}`}`,
    why: ended(tenant, at) ?? 'calls are made with the token of a consent; an account mapped by hand has none',
    next: mendCommand({ app: at ?? '<app>', tenant: tenant.name }),
  })
}

function ended({ connections }: Tenant, at: string | null): string | null {
  const last = connections.findLast(({ app, state }) => state === 'revoked' && (at === null || app === at))
  return last ? `the one at ${last.app} has ended${last.why ? `: ${last.why}` : ''}` : null
}

/** The slots of an account of a connection; null where it is none of that one's. */
function accountSlotsOf(app: App, tenant: Tenant, connection: TenantConnection, typed: string): Slots | null {
  const definition = app.definitionOf(connection.provider)
  const { kind, value } = accountValue(definition, typed)
  const isIts = tenant.accounts.some(
    one => one.app === connection.app && one.connectionId === connection.id && one.kind === kind && one.value === value,
  )
  if (!isIts) return null
  return { [`account.${kind}`]: value, ...(kind === definition.accounts[0]?.kind ? { account: value } : {}) }
}

function severalConnections(tenant: Tenant, found: Chosen[], { method, target }: ApiWish): WhsError {
  const apps = [...new Set(found.map(({ connection }) => connection.app))]
  const [first] = found as [Chosen, ...Chosen[]]
  const account = tenant.accounts.find(({ connectionId }) => connectionId === first.connection.id)
  const flag = apps.length > 1 ? `--app ${apps[0]}` : `--account ${account?.kind ?? ''}:${account?.value ?? ''}`
  return wrong(
    'which-connection',
    `${tenant.name} has ${found.length} connections`,
    apps.length > 1 ? `at ${apps.join(', ')}` : `at ${apps[0]}, each with accounts of its own`,
    `whs api ${tenant.name} ${method} ${safeText(target)} ${flag}`,
  )
}

function failureOf(
  app: App,
  { page, tenant, connection, wish }: { page: ApiPage; tenant: Tenant; connection: TenantConnection; wish: ApiWish },
): WhsError {
  const { status, answer, slots, context } = page
  const definition = app.definitionOf(connection.provider)
  const said = providersText(context, answer.body, slots)
  const what = `${definition.company} answered ${status} to ${wish.method} ${clip(safeText(wish.target.split('?')[0] as string), 120)}`
  const cause = said === '' ? {} : { why: said }
  const mend = mendCommand({ ...connection, tenant: tenant.name })
  if (isTokenRefused(definition, answer)) {
    return new WhsError({ code: 'token-refused', exit: exits.consent, what, ...cause, next: mend })
  }
  const more =
    connection.byKey || definition.oauth.leaveOut?.includes('scope')
      ? `${mend}   (once it may do more there)`
      : `${mend} --scopes +<scope>   (where it wants a scope that was not given)`
  const headers = { ...answer.headers, location: withoutSecrets(answer.headers.location ?? '', slots) }
  const next = nextOf(status, headers, { more, now: app.now() })
  return new WhsError({ code: 'api-failed', exit: exits.api, what, ...cause, ...next })
}

function nextOf(
  status: number,
  headers: Record<string, string>,
  { more, now }: { more: string; now: number },
): { next?: string } {
  if (status === 403) return { next: more }
  if (status === 429) {
    const wait = parseRetryAfter(headers['retry-after'], now)
    return { next: wait === undefined ? 'later' : `again in ${durationText(wait)}` }
  }
  if (status < 300 || status >= 400 || !headers.location) return {}
  return { next: `it leads to ${safeText(headers.location)}, and a token follows no redirect: ask there` }
}

const shownBytes = 16_384

/** What a provider said in the place of an answer, line for line, safe to show; empty where there is nothing. */
export function saidLines({ answer, slots }: ApiPage): string[] {
  const text = withoutSecrets(answer.body.toString('utf8', 0, shownBytes), slots).trimEnd()
  const lines = text === '' ? [] : text.split(/\r?\n/).map(line => safeText(line.replaceAll('\t', '  ')))
  return answer.body.length > shownBytes ? [...lines, '…'] : lines
}

function wrong(code: string, what: string, why: string, next: string): WhsError {
  return new WhsError({ code, exit: exits.usage, what, why, next })
}
