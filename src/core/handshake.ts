import { Buffer } from 'node:buffer'
import { createHmac } from 'node:crypto'
import type { ProviderDefinition } from './definition.ts'
import { holds } from './holds.ts'
import type { Keyring, RawDelivery } from './keyring.ts'
import { isSame } from './same.ts'
import { type ItemContext, readValue } from './value.ts'
import type { Value } from './value-definition.ts'
import type { Refused } from './verdict.ts'
import { untrusted, verifyDelivery } from './verify.ts'
import type { Echo, Handshake } from './webhook-definition.ts'

/** The answer that a handshake wants. */
export interface HandshakeAnswer {
  status: number
  headers: Record<string, string>
  body: string
}

/** A request that is no event: how it is answered, and the secret that it brings. */
export interface AnsweredHandshake {
  outcome: 'handshake'
  kind: string
  answer: HandshakeAnswer
  brings: { secret: string; of: 'app' | 'activation'; value: string } | null
}
/** A request that wants to be a handshake and proves nothing, or would have us repeat what must not be repeated. */
export interface RefusedHandshake {
  outcome: 'refused'
  kind: string
  verdict: Refused
}

const longestBody = 65_536
const longestEcho = 512
const printable = /^[\x20-\x7e]+$/

/** The handshake that a request is, answered or refused; undefined where it is none. Pure. */
export function takeHandshake(
  definition: ProviderDefinition,
  delivery: RawDelivery,
  keyring: Keyring,
): AnsweredHandshake | RefusedHandshake | undefined {
  const { handshakes } = definition.webhook
  if (!handshakes || delivery.body.length > longestBody) return undefined
  const context = untrusted(definition, delivery)
  const handshake = handshakes.find(one => fits(one, delivery, context))
  if (!handshake) return undefined
  const { kind, brings } = handshake
  const refuse = (verdict: Refused): RefusedHandshake => ({ outcome: 'refused', kind, verdict })
  const proof = prove(definition, handshake, delivery, keyring, context)
  if (!('secretId' in proof)) return refuse(proof)
  const value = brings && echoed(context(), brings.at)
  if (brings && !value) return refuse(wrong('the secret that it should bring is not in it, or is no plain text'))
  const answer = answerOf(handshake, context(), signingKeyring(keyring, proof.secretId))
  if (!answer) return refuse(wrong('it would have us send back a text that is too long, or not plain'))
  return { outcome: 'handshake', kind, answer, brings: brings && value ? { ...brings, value } : null }
}

function wrong(detail: string): Refused {
  return { verified: false, reason: 'refused-handshake', detail }
}

function fits({ method, when = [] }: Handshake, delivery: RawDelivery, context: () => ItemContext): boolean {
  return method === delivery.method && when.every(one => holds(context(), one))
}

/** That a request may be answered, and the secret that proved it; else what is wrong. */
function prove(
  definition: ProviderDefinition,
  { proof }: Handshake,
  delivery: RawDelivery,
  keyring: Keyring,
  context: () => ItemContext,
): { secretId: number | null } | Refused {
  if (proof === 'none') return { secretId: null }
  if (proof === 'signature') {
    const verdict = verifyDelivery(definition, delivery, keyring)
    if (!verdict.verified) return verdict
    return verdict.perItem ? wrong('only items bring a proof, and it has none') : { secretId: verdict.secretId }
  }
  const stored = ownSecrets(keyring, proof.secret)
  if (stored.length === 0) {
    return { verified: false, reason: 'no-secret', detail: `no ${proof.secret} secret is stored yet` }
  }
  const given = readValue(context(), proof.token)?.text ?? ''
  if (stored.some(value => isSame(Buffer.from(value), given))) return { secretId: null }
  return { verified: false, reason: 'wrong-token', detail: `it does not bring the ${proof.secret} secret` }
}

/** While a secret is being replaced, whoever asks is answered with the one that he used. */
function signingKeyring(keyring: Keyring, secretId: number | null): Keyring {
  const used = keyring.secrets.filter(({ id }) => id === secretId)
  return used.length === 0 ? keyring : { ...keyring, secrets: [...used, ...keyring.secrets] }
}

function ownSecrets({ secrets }: Keyring, wanted: string): string[] {
  return secrets.filter(({ name, activation }) => name === wanted && activation === null).map(({ value }) => value)
}

function answerOf({ reply }: Handshake, context: ItemContext, keyring: Keyring): HandshakeAnswer | undefined {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(reply.headers ?? {})) {
    const text = echoed(context, value)
    if (text === undefined) return undefined
    headers[name] = text
  }
  if (reply.text !== undefined) {
    const body = echoed(context, reply.text)
    if (body === undefined) return undefined
    return { status: reply.status, headers: { 'content-type': 'text/plain', ...nosniff, ...headers }, body }
  }
  if (!reply.json) return { status: reply.status, headers, body: '' }
  const fields: [string, string | number | boolean][] = []
  for (const [name, echo] of Object.entries(reply.json)) {
    const value = jsonEcho(context, echo, keyring)
    if (value === undefined) return undefined
    fields.push([name, value])
  }
  const body = JSON.stringify(Object.fromEntries(fields))
  return { status: reply.status, headers: { 'content-type': 'application/json', ...nosniff, ...headers }, body }
}

const nosniff = { 'x-content-type-options': 'nosniff' }

function echoed(context: ItemContext, value: Value): string | undefined {
  const text = readValue(context, value)?.text
  return text !== undefined && text.length <= longestEcho && printable.test(text) ? text : undefined
}

function jsonEcho(context: ItemContext, echo: Echo, keyring: Keyring): string | number | boolean | undefined {
  if (typeof echo === 'object' && 'json' in echo) return echo.json
  if (typeof echo !== 'object' || !('hmac' in echo)) return echoed(context, echo)
  const { of, secret, pattern } = echo.hmac
  const text = echoed(context, of)
  const [newest] = ownSecrets(keyring, secret)
  if (text === undefined || newest === undefined || !new RegExp(pattern).test(text)) return undefined
  return hmacEcho(text, newest)
}

/** A text sent back signed: HMAC-SHA256 in hex, by the text of a secret. */
export function hmacEcho(text: string, secret: string): string {
  return createHmac('sha256', secret).update(text).digest('hex')
}
