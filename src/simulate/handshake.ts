import { Buffer } from 'node:buffer'
import { exits, WhsError } from '../core/errors.ts'
import { hmacEcho } from '../core/handshake.ts'
import { type RawHeaders, setHeader } from '../core/headers.ts'
import type { Value, When } from '../core/value-definition.ts'
import type { Echo, Handshake } from '../core/webhook-definition.ts'
import type { CallAnswer } from '../net/call.ts'
import { putJson } from './answers/put-json.ts'
import { makeHold, writeAnswer } from './answers/write-answer.ts'
import type { SimulatedApp } from './apps.ts'
import { recordOf } from './deliveries.ts'
import type { Hook } from './hooks.ts'
import { signer } from './signer.ts'
import type { World } from './world.ts'

/** How a callback URL answered one of the provider's tests. */
export interface TestedHandshake {
  kind: string
  url: string
  /** Null where there was no answer. */
  status: number | null
  /** Whether the provider would be content. */
  ok: boolean
  body: string
}

interface Draft {
  headers: RawHeaders
  query: URLSearchParams
  body: Buffer | null
  /** What must come back, by the value that it was written through. */
  sent: Map<Value, string>
}

/**
 * Tests a callback URL as the provider does when it is saved: every handshake of the definition, or those of a kind, at a
 * hook or at the app's URL.
 * @throws WhsError `bad-handshake` (exit 2)
 */
export async function testUrl(
  world: World,
  { hook: id, clientId = 'default', kind }: { hook?: string; clientId?: string; kind?: string },
): Promise<TestedHandshake[]> {
  const hook = id === undefined ? null : (world.hooks.list().find(one => one.id === id) ?? null)
  if (id !== undefined && !hook) throw refused(`there is no hook ${id}`)
  const app = world.apps.get(hook?.clientId ?? clientId)
  const url = hook ? world.urlOf(hook) : app?.callbackUrl
  if (!app || !url) throw refused('there is no URL to test')
  const own = world.definition.webhook.handshakes ?? []
  const tested: TestedHandshake[] = []
  for (const handshake of own) {
    if (kind === undefined || handshake.kind === kind) tested.push(await testOne(world, app, hook, url, handshake))
  }
  return tested
}

/** Tests a URL by one handshake, for a hook that need not stand yet. */
export async function testOne(
  world: World,
  app: SimulatedApp,
  hook: Hook | null,
  url: string,
  handshake: Handshake,
): Promise<TestedHandshake> {
  const draft = draftOf(world, app, hook, handshake)
  const query = draft.query.size === 0 ? '' : `${url.includes('?') ? '&' : '?'}${draft.query.toString()}`
  const message = { headers: draft.headers, body: draft.body ?? Buffer.alloc(0) }
  const signed =
    handshake.proof === 'signature'
      ? signer(world, app, hook, message, false)(url + query)
      : { url: url + query, ...message }
  const { kind, method } = handshake
  try {
    const headers = recordOf(signed.headers)
    const body = signed.body.length > 0 ? { body: signed.body } : {}
    const answer = await world.httpCall({
      method,
      url: signed.url,
      headers,
      ...body,
      timeoutMs: 10_000,
      maxBytes: 4096,
    })
    const ok = isContent(app, handshake, draft, answer)
    return { kind, url, status: answer.status, ok, body: answer.body.toString() }
  } catch (error) {
    return { kind, url, status: null, ok: false, body: (error as Error).message }
  }
}

function draftOf(world: World, app: SimulatedApp, hook: Hook | null, handshake: Handshake): Draft {
  const draft: Draft = { headers: [], query: new URLSearchParams(), body: null, sent: new Map() }
  const { when = [], proof, brings, reply } = handshake
  for (const one of when) meet(draft, one)
  if (typeof proof === 'object') put(draft, proof.token, app.secrets[proof.secret] ?? '')
  const echoes: Echo[] = [reply.text ?? [], Object.values(reply.json ?? {}), Object.values(reply.headers ?? {})].flat()
  for (const echo of echoes) {
    const value = typeof echo === 'object' && 'hmac' in echo ? echo.hmac.of : echo
    const isFixed = typeof value === 'object' && ('json' in value || 'text' in value)
    if (!isFixed) put(draft, value, Buffer.from(world.randomBytes(12)).toString('hex'))
  }
  if (brings) put(draft, brings.at, (brings.of === 'activation' ? hook?.secret : app.secrets[brings.secret]) ?? '')
  if (draft.body) draft.headers = setHeader(draft.headers, 'content-type', 'application/json')
  return draft
}

/** Makes a condition true of the request. */
function meet(draft: Draft, when: When): void {
  if (typeof when === 'object' && 'all' in when) for (const one of when.all) meet(draft, one)
  else if (typeof when === 'object' && 'exists' in when) put(draft, when.exists, 'x')
  else if (typeof when === 'object' && 'empty' in when) draft.body = putJson(draft.body ?? blank, when.empty, [])
  else if (typeof when === 'object' && 'at' in when && !isInBody(when.at))
    put(draft, when.at, [when.is].flat()[0] ?? '')
  else if (typeof when === 'string' || 'at' in when) draft.body = makeHold(draft.body ?? blank, when)
}

const blank = Buffer.from('{}')

function isInBody(value: Value): boolean {
  return typeof value === 'string' || !('header' in value || 'query' in value)
}

function put(draft: Draft, value: Value, text: string): void {
  draft.sent.set(value, text)
  if (typeof value === 'object' && 'header' in value) draft.headers = setHeader(draft.headers, value.header, text)
  else if (typeof value === 'object' && 'query' in value) draft.query.set(value.query, text)
  else draft.body = writeAnswer(draft.body ?? blank, value, text)
}

/** Whether status, text, JSON and headers are what the definition says that the provider wants. */
function isContent(app: SimulatedApp, { reply }: Handshake, { sent }: Draft, answer: CallAnswer): boolean {
  const textOf = (value: Value): string | undefined =>
    typeof value === 'object' && 'text' in value ? value.text : textSent(sent, value)
  const body = answer.body.toString()
  const headers = Object.entries(reply.headers ?? {})
  if (answer.status !== reply.status || (reply.text !== undefined && body !== textOf(reply.text))) return false
  if (headers.some(([name, value]) => answer.headers[name.toLowerCase()] !== textOf(value))) return false
  if (!reply.json) return true
  const given = jsonOf(body)
  return Object.entries(reply.json).every(([name, echo]) => {
    if (typeof echo === 'object' && 'json' in echo) return given[name] === echo.json
    if (typeof echo !== 'object' || !('hmac' in echo)) return given[name] === textOf(echo)
    const { of, secret } = echo.hmac
    return given[name] === hmacEcho(textOf(of) ?? '', app.secrets[secret] ?? '')
  })
}

/** A value may be written twice, in equal words. */
function textSent(sent: Map<Value, string>, value: Value): string | undefined {
  const wanted = JSON.stringify(value)
  return [...sent].findLast(([one]) => JSON.stringify(one) === wanted)?.[1]
}

function jsonOf(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>
  } catch {
    return {}
  }
}

function refused(why: string): WhsError {
  return new WhsError({ code: 'bad-handshake', exit: exits.usage, what: 'the simulator cannot test this URL', why })
}
