import type { SecretName } from './definition.ts'
import type { Path, TextTemplate, Value, When } from './value-definition.ts'

/** What arrives at the callback URL, and what is answered. */
export interface Webhook {
  methods: string[]
  /** How a body is read; the first that fits its content type (and fields) is taken. */
  body: Decoder[]
  /** Strongest first: the first whose signature is there and whose secret is stored decides, and no other is looked at. */
  verify: Scheme[]
  /** Requests that are no events. The first that fits is answered, before anything is split. */
  handshakes?: Handshake[]
  /**
   * Where the items stand. An item of a later path counts where none of an earlier one lies inside; where a path ends
   * early, the deepest that exists is kept, unread, so that nothing disappears.
   */
  split: Path[]
  shapes: Shape[]
  /** Parts of the body beside the items that must not reach a tenant with a cut part: arrays and objects there are emptied. */
  alongside?: Path[]
  reply: WebhookReply
  /** Seconds between the provider's own tries; afterwards the last one repeats. */
  retries: number[]
}

/**
 * `json`: the body is JSON; `form`: `application/x-www-form-urlencoded` with PHP-style brackets, read as one object of
 * texts; a field: JSON inside that field of a form; `empty`: no body, and the item is an empty object.
 */
export type Decoder = 'json' | 'form' | { jsonField: string } | 'empty'

export interface WebhookReply {
  ok: number
  /** What a delivery that does not verify is answered. */
  rejected: number
  withinMs: number
  /** What stands in a good answer; absent: nothing. */
  body?: string
  type?: string
}

export type Scheme = HmacScheme | HashScheme | Ed25519Scheme | TokenScheme | BasicScheme | JwtScheme | UrlKeyScheme

interface Signed {
  /** In `explain`, where a provider has several. */
  name?: string
  /** Only where this holds. */
  when?: When
  header: SignatureHeader
  encoding: 'base64' | 'hex'
  signs: SignedPart[]
  key: Key
  time?: SignedTime
  /** Where the hex SHA-256 of a body that is no form stands among what is signed (Twilio's `bodySHA256` in the URL). */
  bodyHash?: Value
}
/** HMAC (RFC 2104) over the composed parts. */
export interface HmacScheme extends Signed {
  scheme: 'hmac'
  hash: 'sha256' | 'sha1' | 'sha512'
}
/** A plain hash over the composed parts, one of which is the secret. */
export interface HashScheme extends Signed {
  scheme: 'hash'
  hash: 'sha256'
}
/** EdDSA (RFC 8032) over the composed parts; the secret is the public key, 32 bytes in hex. */
export interface Ed25519Scheme extends Signed {
  scheme: 'ed25519'
}
/**
 * A stored token comes back as it is. Read from the item (`@`), each item has to bring its own, and one that does not is
 * rejected alone. It proves the sender, not the body.
 */
export interface TokenScheme {
  scheme: 'token'
  name?: string
  when?: When
  at: Value
  key: Key
}
/** `Authorization: Basic` (RFC 7617) with the stored `user:password`. It proves the sender, not the body. */
export interface BasicScheme {
  scheme: 'basic'
  name?: string
  when?: When
  key: Key
}
/** A JSON Web Token (RFC 7519) that proves the sender, not the body. */
export interface JwtScheme {
  scheme: 'jwt'
  name?: string
  when?: When
  header: string
  prefix: string
  /** HS256 with a stored secret, or RS256 with a key of that set (RFC 7517), found by `kid`; `url` is a template. */
  key: Key | { jwks: string }
  algorithm: 'HS256' | 'RS256'
  /**
   * What claims must be: one of these texts, where slots are filled in (`{callback}`, `{setting.<name>}`). A text whose slot
   * is not known is left out; where none is left, no value passes.
   */
  claims: Record<string, TextTemplate[]>
}
/** Only the key in the callback URL proves the sender. */
export interface UrlKeyScheme {
  scheme: 'url-key'
  name?: string
  when?: When
}

/**
 * Where signatures stand. `names` are alternatives, the first that came counts; `{n}` in one stands for 1, 2, 3 …
 * `prefix` comes before the signature. `list`: pairs such as `t=1,v1=ab,v1=cd`. `words`: `v1,ab v1,cd` (Standard Webhooks).
 */
export interface SignatureHeader {
  names: string[]
  prefix?: string
  list?: { signature: string; time?: string }
  words?: { version: string }
}

/** `body` are the exact bytes, `url` the callback URL as the provider calls it, `time` the signed time as it was written. */
export type SignedPart =
  | 'body'
  | 'method'
  | 'url'
  | 'secret'
  | 'time'
  /** Name and value of every form field, sorted by name; nothing where the body is no form (Twilio). */
  | 'sorted-form'
  | { text: string }
  | { header: string }

/** Which secret: one of the app's, one that belongs to an activation, or either. */
export interface Key {
  secret: SecretName
  of?: 'app' | 'activation' | 'either'
  /** How its text becomes a key. `whsec`: base64 behind an optional `whsec_`. */
  as?: 'text' | 'base64' | 'hex' | 'whsec'
  /** The activation's id at the provider, read from the delivery before it is trusted; narrows the candidates. */
  activation?: Value
}

/** When it was signed; what is older (or newer) than the tolerance is rejected as `too-old` (or `too-new`). */
export interface SignedTime {
  /** A value of the delivery; `list`: the pair of the signature header's list. */
  at: Value
  unit: 's' | 'ms' | 'iso'
  toleranceSeconds: number
}

/** A request by which the provider tests or sets up the callback URL. */
export interface Handshake {
  /** As `handshake` records say it. */
  kind: string
  method: 'GET' | 'HEAD' | 'POST'
  when?: When[]
  /** It comes with wrong signatures too, and the provider wants those refused. */
  probes?: true
  /** Who may ask: anyone, whoever signs as a delivery, or whoever brings this secret. */
  proof: 'none' | 'signature' | { token: Value; secret: SecretName }
  /**
   * It brings a secret: the app's, or that of the pending activation that the URL key names. It is taken once, only
   * while that is waited for, and never replaces a stored one.
   */
  brings?: { secret: SecretName; of: 'app' | 'activation'; at: Value }
  reply: HandshakeReply
}
export interface HandshakeReply {
  status: number
  /** A value of the request sent back as text: at most 512 printable ASCII characters. */
  text?: Value
  json?: Record<string, Echo>
  headers?: Record<string, Value>
}
/** A value of the request, a fixed JSON value, or the hex HMAC-SHA256 of a value that fits a pattern. */
export type Echo =
  | Value
  | { json: number | boolean | string }
  | { hmac: { of: Value; secret: SecretName; pattern: string } }

/** How one item of a delivery is read. The first shape whose `when` holds for the item is taken. */
export interface Shape {
  name: string
  when: When
  /** `app`: the platform's own event, of no tenant; absent: `tenant`. */
  scope?: 'app'
  providerEvent: Value
  /** What `providerEvent` is normalised from, where the raw type carries more than the event. */
  event?: Value
  /** Single event types said in another way than the common table does: normalised → said. */
  events?: Record<string, string>
  /** The provider's own id of the event. Absent: the id is `derived` from these values, and never folds. */
  id?: Value
  derived?: Value[]
  time?: Value
  resource?: { type: Value; id: Value; deletedId?: Value }
  /** Whose the item is: every entry names one account (and makes an event); none: the activation that verified says it. */
  accounts: AccountAt[]
  /** The handler's answer is the product: it is passed on if it comes in time. */
  reply?: 'handler'
  /** It only says that something changed: the feed of this name is read then. */
  feed?: string
}

/**
 * An account, or several that must agree: of those, the first that is anybody's decides, and another one that is
 * somebody else's makes the event a `mismatch`.
 */
export type AccountAt = AccountRef | { agree: AccountRef[] }
export interface AccountRef {
  kind: string
  at: Value
  when?: When
}
