/**
 * A provider as data. A definition survives `JSON.parse(JSON.stringify(def))`: it holds no functions, so that one
 * contract test, `explain`, the simulator and `trigger` can all read (and write through) the same facts.
 * A quirk that does not fit becomes a new named value of one of the closed unions below, never an `if` on an id.
 */
export interface ProviderDefinition {
  /** `[a-z0-9-]`, equal to the file's name. */
  id: string
  name: string
  /** Who runs the provider, as said in sentences ("Intuit retried at 3 s"). */
  company: string
  docs: { oauth: string; webhooks: string; portal: string }
  checked: Checked
  /** Host roles per environment; a URL template starts with one: `{token}/oauth2/…`. */
  hosts: Partial<Record<RealEnvironment, Hosts>>
  portal: Portal
  secrets: Record<SecretName, SecretPlace>
  oauth: OAuth
  accounts: AccountKind[]
  webhook: Webhook
  record?: RecordRead
  catchUp?: CatchUp
}

/** `simulator` is an environment of every provider: its hosts come from the simulator itself. */
export type Environment = RealEnvironment | 'simulator'
export type RealEnvironment = 'production' | 'sandbox'
/** role → origin, such as `token` → `https://oauth.platform.intuit.com`. */
export type Hosts = Record<string, string>
/** `client` is the OAuth client secret; `webhook` verifies deliveries. */
export type SecretName = 'client' | 'webhook'

/** How sure the facts are, and what is not. */
export interface Checked {
  on: string
  /** `docs`: read in the provider's own texts; `live`: seen at the provider. */
  how: 'docs' | 'live'
  /** The witness of the signature that is not our own code. */
  witness: string
  /** Facts from memory or disputed, one sentence each; they stay accepted in every form that is safe. */
  uncertain: string[]
}

/** The provider's web pages for developers, in the provider's own words. */
export interface Portal {
  clientId: FieldPlace
  redirectUri: FieldPlace
  callbackUrl: FieldPlace
  /** What a person must still do by hand for events to flow, in order. */
  events: string[]
}
export interface FieldPlace {
  label: string
  where: string
}
export interface SecretPlace extends FieldPlace {
  /** Not asked for at `app add`, since the portal shows it only after the callback URL is saved. */
  later?: boolean
}

export interface OAuth {
  authorizeUrl: UrlTemplate
  tokenUrl: UrlTemplate
  scopes: string[]
  scopeSeparator: ' ' | ','
  pkce: 'S256' | 'none'
  clientAuth: 'basic' | 'post'
  /** `rotating`: a refresh answers with a new refresh token, which must be stored before it is used. */
  refresh: { kind: 'rotating' | 'stable' }
  /** The field of the token reply that says for how many seconds the refresh token lives. */
  refreshExpiresIn?: string
  accessSeconds: number
  revoke?: { url: UrlTemplate; body: 'json' | 'form'; field: string }
  /** Which redirect URI an environment accepts: `loopback` is `http://localhost:<port>`, `public` needs https. */
  redirect: Record<RealEnvironment, 'loopback' | 'public'>
}

/** A kind of account, the provider's own id for whom an event is. */
export interface AccountKind {
  kind: string
  /** The provider's own word for it, used wherever it is printed. */
  word: string
  /** What stands behind it in one noun, such as `company`. */
  noun: string
  normalise: Normaliser
  /** Values that fit nothing else are refused before they reach a URL. */
  pattern: string
  consent: AccountSource
}
export type Normaliser = 'text' | 'lower' | 'origin' | 'digits' | 'email'

/**
 * `callback`: a parameter that came through the browser. It is believed only after `prove` answered 2xx with the
 * consenting person's token and, if `equals` is given, repeated the value there.
 */
export interface AccountSource {
  from: 'callback'
  parameter: string
  prove: Call
  equals?: Path
  name?: Path
}

/** One HTTP call to the provider's API. Slots are percent-encoded; the token goes only to the definition's hosts. */
export interface Call {
  method: 'GET' | 'POST'
  url: UrlTemplate
  headers?: Record<string, string>
}

/** `{hostRole}/path/{slot}?query={slot}`. */
export type UrlTemplate = string

/**
 * A subset of JSONPath (RFC 9535): `$` is the body, `@` the item; then `.name`, `['name']`, `[0]` and `[*]`.
 * A `[*]` of a `$` path below a split takes the index that the item's own split path has there.
 */
export type Path = string

/** A value read from a delivery. */
export type Value =
  | Path
  | { header: string }
  /** The first that exists. */
  | { first: Value[] }
  /** The pieces between `by`, from `from` up to (not including) `to`, joined again: `qbo.invoice.created.v1` → 1..3. */
  | { part: { of: Value; by: string; from: number; to?: number } }
  /** Text with values in braces: `{@.name}.{@.operation}`. */
  | { template: string }

export interface Webhook {
  methods: string[]
  body: 'json'
  verify: Scheme
  /** Alternatives, tried in order; the first whose first step fits the body is walked. */
  split: Path[]
  shapes: Shape[]
  reply: { ok: number; rejected: number; withinMs: number }
  /** Seconds between the provider's own tries; afterwards the last one repeats. */
  retries: number[]
}

/** HMAC over the composed parts, sent in one header. */
export interface Scheme {
  scheme: 'hmac'
  hash: 'sha256' | 'sha1' | 'sha512'
  encoding: 'base64' | 'hex'
  header: string
  secret: SecretName
  signs: SignedPart[]
}
/** `body` are the exact bytes. */
export type SignedPart = 'body' | { text: string } | { header: string }

/** How one item of a delivery is read. The first shape whose `when` exists in the item is taken. */
export interface Shape {
  name: string
  when: Path
  providerEvent: Value
  /** What `providerEvent` is normalised from, where the raw type carries more than the event. */
  event?: Value
  /** The provider's own id of the event. Absent: the id is `derived` from these values, and never folds. */
  id?: Value
  derived?: Value[]
  time?: Value
  resource?: { type: Value; id: Value; deletedId?: Value }
  accounts: { kind: string; at: Value }[]
}

/** Reading the changed thing with the tenant's token. `{account}`, `{resourceType}`, `{resourceId}` are filled in. */
export interface RecordRead {
  call: Call
  /** Where the thing stands in the reply; `{Resource}` is the resource type with a capital. */
  at: Path
}

/** Reading everything that changed since a time. `{types}` and `{since}` are filled in. */
export interface CatchUp {
  call: Call
  /** Resource types it can be asked for. */
  types: string[]
  items: Path
  id: Path
  time: Path
  deleted: { path: Path; equals: string }
  maxDays: number
}
