import { Buffer } from 'node:buffer'
import { createHash, createHmac } from 'node:crypto'
import { composeCall } from '../../src/core/call.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { Slots } from '../../src/core/fill-text.ts'
import { holds } from '../../src/core/holds.ts'
import { rootItem } from '../../src/core/path.ts'
import { splitItems } from '../../src/core/split.ts'
import { fillUrl, mustFillText } from '../../src/core/url-template.ts'
import { answerContext, type ItemContext, readValue } from '../../src/core/value.ts'
import type { Call, Path, Value } from '../../src/core/value-definition.ts'
import type { AccountFixture } from '../../src/simulate/fixtures.ts'
import { decide, type PortalApp } from './simulated.ts'

/** A whole consent at a simulated provider, read by the definition's own paths with nothing but core. */
export interface AnyConsent {
  definition: ProviderDefinition
  app: PortalApp
  slots: Slots
  callback: URLSearchParams
  token: Buffer | null
}

const verifier = 'a-verifier-of-forty-three-characters-or-more-1'

/** Consents for companies (one, or several where the definition reads several) and exchanges the code. */
export async function consentAt(
  definition: ProviderDefinition,
  app: PortalApp,
  companies: AccountFixture[],
): Promise<AnyConsent> {
  const slots: Slots = { clientId: app.clientId, ...companies[0]?.slots }
  for (const [name, value] of Object.entries(app.secrets)) slots[`secret.${name}`] = value
  for (const [name, value] of Object.entries(app.settings)) slots[`setting.${name}`] = value
  const kind = definition.accounts[0]?.kind ?? ''
  const accounts = companies.map(({ name, values }) => values[kind] ?? name)
  const back = await decide(authorizeUrlOf(definition, app, slots), 'allow', ...accounts)
  const callback = back.searchParams
  if (callback.get('state') !== 'st4te') throw new Error(`the callback brought ${back.search}`)
  checkSignature(definition, app, callback)
  for (const [name, value] of callback) slots[`callback.${name}`] = value
  if (definition.oauth.kind === 'callback') return { definition, app, slots, callback, token: null }
  const token = await tokenRequest(definition, app, slots, {
    grant_type: 'authorization_code',
    code: callback.get('code') ?? '',
    ...(leftOut(definition, 'redirect_uri') ? {} : { redirect_uri: app.redirectUris[0] as string }),
    ...(definition.oauth.pkce === 'S256' ? { code_verifier: verifier } : {}),
  })
  if (token.status !== 200) throw new Error(`the token endpoint answered ${token.status}: ${token.body.toString()}`)
  takeTokens(definition, slots, token.body)
  return { definition, app, slots, callback, token: token.body }
}

function leftOut(
  { oauth }: ProviderDefinition,
  name: 'redirect_uri' | 'client_id' | 'scope' | 'response_type',
): boolean {
  return oauth.leaveOut?.includes(name) ?? false
}

function authorizeUrlOf(definition: ProviderDefinition, app: PortalApp, slots: Slots): string {
  const { oauth } = definition
  const url = new URL(fillUrl(oauth.authorizeUrl, app.hosts, slots))
  const usual = {
    response_type: 'code',
    client_id: app.clientId,
    redirect_uri: app.redirectUris[0] as string,
    scope: oauth.scopes.join(oauth.scopeSeparator),
  } as const
  for (const [name, value] of Object.entries(usual)) {
    const parameter = name === 'scope' ? (oauth.scopeParameter ?? 'scope') : name
    if (value !== '' && !leftOut(definition, name as keyof typeof usual)) url.searchParams.set(parameter, value)
  }
  for (const [name, text] of Object.entries(oauth.parameters ?? {})) {
    url.searchParams.set(name, mustFillText(text, slots))
  }
  url.searchParams.set('state', 'st4te')
  if (oauth.pkce === 'S256') {
    url.searchParams.set('code_challenge', createHash('sha256').update(verifier).digest('base64url'))
    url.searchParams.set('code_challenge_method', 'S256')
  }
  return url.href
}

function checkSignature({ oauth }: ProviderDefinition, app: PortalApp, callback: URLSearchParams): void {
  if (!oauth.callbackSignature) return
  const { hash, parameter, secret } = oauth.callbackSignature
  const others = [...callback].filter(([name]) => name !== parameter).sort(([left], [right]) => (left < right ? -1 : 1))
  const signed = others.map(([name, value]) => `${name}=${value}`).join('&')
  const wanted = createHmac(hash, app.secrets[secret] as string)
    .update(signed)
    .digest('hex')
  if (callback.get(parameter) !== wanted) throw new Error('the callback’s signature is wrong')
}

/** One request to the token endpoint, in the form that the definition names. */
export async function tokenRequest(
  { oauth }: ProviderDefinition,
  app: PortalApp,
  slots: Slots,
  fields: Record<string, string>,
): Promise<{ status: number; body: Buffer }> {
  const all = { ...fields }
  for (const [name, text] of Object.entries(oauth.tokenParameters ?? {})) all[name] = mustFillText(text, slots)
  const credentials = { client_id: app.clientId, client_secret: app.secrets.client as string }
  const headers: Record<string, string> = {}
  if (oauth.clientAuth === 'post') Object.assign(all, credentials)
  else headers.authorization = `Basic ${Buffer.from(Object.values(credentials).join(':')).toString('base64')}`
  if (oauth.tokenBody === 'json') headers['content-type'] = 'application/json'
  const body = oauth.tokenBody === 'json' ? JSON.stringify(all) : new URLSearchParams(all)
  const answer = await fetch(fillUrl(oauth.tokenUrl ?? '', app.hosts, slots), { method: 'POST', headers, body })
  return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) }
}

/** Slots of what a token reply brought. */
export function takeTokens({ oauth }: ProviderDefinition, slots: Slots, body: Buffer): void {
  const { access = '$.access_token', refresh = '$.refresh_token', learn = {} } = oauth.reply ?? {}
  slots.token = readAt(body, access) ?? ''
  slots.refreshToken = readAt(body, refresh) ?? ''
  for (const [name, value] of Object.entries(learn)) slots[name] = readAt(body, value) ?? ''
  const payload = slots.token.split('.')[1]
  if (!payload) return
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
    for (const [name, value] of Object.entries(claims)) slots[`access.${name}`] = String(value)
  } catch {
    // An access token may have dots and be no JWT.
  }
}

export function readAt(body: Buffer, value: Value): string | undefined {
  const context = answerContext(body)
  return context && readValue(context, value)?.text
}

/** A call of the definition; the answer's status and body. */
export async function callAt(
  app: PortalApp,
  call: Call,
  slots: Slots,
): Promise<{ status: number; body: Buffer; failed: boolean }> {
  const { url, ...init } = composeCall(call, { hosts: app.hosts, slots })
  const answer = await fetch(url, init)
  const body = Buffer.from(await answer.arrayBuffer())
  const context = answerContext(body)
  const failed = call.failedWhen !== undefined && context !== undefined && holds(context, call.failedWhen)
  return { status: answer.status, body, failed: failed || answer.status >= 300 }
}

/** What the identity reads from its document: for each item the account values, name and slots. */
export interface ReadIdentity {
  accounts: Record<string, string>
  name: string | undefined
  learned: Record<string, string>
}

export async function identityOf({ definition, app, slots, callback, token }: AnyConsent): Promise<ReadIdentity[]> {
  const { identity } = definition
  const document = await documentOf()
  const context = answerContext(document)
  if (!context) throw new Error(`the identity document is no JSON: ${document.toString()}`)
  return itemsOf(context, identity.items)
    .filter(one => identity.where === undefined || holds(one, identity.where))
    .map(one => ({
      accounts: texts(one, identity.accounts),
      name: identity.name && readValue(one, identity.name)?.text,
      learned: texts(one, identity.learn ?? {}),
    }))

  async function documentOf(): Promise<Buffer> {
    if (identity.from === 'callback') return Buffer.from(JSON.stringify(Object.fromEntries(callback)))
    if (identity.from === 'ask') return Buffer.from(JSON.stringify(slots))
    if (identity.from === 'token') return token as Buffer
    if (identity.from === 'id-token') {
      const jwt = readAt(token as Buffer, '$.id_token') ?? ''
      return Buffer.from(jwt.split('.')[1] ?? '', 'base64url')
    }
    const answer = await callAt(app, identity.from, slots)
    if (answer.failed) throw new Error(`the identity call was answered ${answer.status}: ${answer.body.toString()}`)
    return answer.body
  }
}

function itemsOf(context: ItemContext, items: Path | undefined): ItemContext[] {
  if (items === undefined) return [{ ...context, item: rootItem }]
  return (splitItems(context.doc, [items]) ?? []).filter(({ whole }) => whole).map(item => ({ ...context, item }))
}

function texts(context: ItemContext, values: Record<string, Value>): Record<string, string> {
  const found = Object.entries(values).map(([name, value]) => [name, readValue(context, value)?.text])
  return Object.fromEntries(found.filter(([, text]) => text !== undefined)) as Record<string, string>
}
