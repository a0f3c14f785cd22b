import type { Activation } from './activation-definition.ts'
import type { Api, Lifecycle } from './api-definition.ts'
import type { Credentials } from './credentials-definition.ts'
import type { Feed } from './feed-definition.ts'
import type { OAuth } from './oauth-definition.ts'
import type { RecordRead } from './record-definition.ts'
import type { Resolve } from './resolve-definition.ts'
import type { Call, Path, Value, When } from './value-definition.ts'
import type { Webhook } from './webhook-definition.ts'

/**
 * A provider as data. A definition survives `JSON.parse(JSON.stringify(def))`: it holds no functions, so that one
 * contract test, `explain`, the simulator and `trigger` can all read (and write through) the same facts.
 * A quirk that does not fit becomes a new named value of one of the closed unions of `*-definition.ts`, never an `if` on
 * an id.
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
  /** What must be known of a tenant before it is sent to the provider, such as its shop. */
  ask?: Ask[]
  /** What an app needs besides client id and secrets. */
  settings?: Record<string, Setting>
  portal: Portal
  secrets: Record<SecretName, SecretPlace>
  oauth: OAuth
  /** A key that a person makes, in place of a consent; beside `oauth`, or instead. */
  credentials?: Credentials
  /** The first kind is the one that a person means by "the account". */
  accounts: AccountKind[]
  identity: Identity
  /** How its API is called as a tenant, whatever is asked of it. */
  api?: Api
  /** Events by which a tenant leaves, or comes back. */
  lifecycle?: Lifecycle[]
  webhook: Webhook
  activation: Activation
  record?: RecordRead[]
  /** Whose deliveries are that name no account which is known. */
  resolve?: Resolve[]
  /** What its API gives of events when it is asked. */
  feeds?: Feed[]
}

/** `simulator` is an environment of every provider: its hosts come from the simulator itself. */
export type Environment = RealEnvironment | 'simulator'
export type RealEnvironment = 'production' | 'sandbox'
/** role → origin. One DNS label of it may be a slot: `https://{shop}.myshopify.com`, filled from `ask` or what was learned. */
export type Hosts = Record<string, string>
/** `client` is the OAuth client secret, `webhook` the usual name of what verifies deliveries; others as `secrets` names them. */
export type SecretName = string

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

/** Something that a person types for one tenant, before the consent. It fills the slot of its name: one DNS label. */
export interface Ask {
  name: string
  /** In the provider's own word. */
  label: string
  /** What it looks like: `acme`. */
  example: string
  /** Anchored by the engine; at most 63 characters. */
  pattern: string
  /** People paste whole addresses: this is taken off the end. */
  suffix?: string
}

/** A value that an app has, as `app add --set name=value` stores it. */
export interface Setting {
  label: string
  where: string
  default?: string
  /** The app works without it; without this and a default it must be given. */
  optional?: true
  pattern: string
  /** What the pattern means, as a person is told it: `CN and 32 hex digits`. */
  shape: string
}

/** The provider's web pages for developers, in the provider's own words. */
export interface Portal {
  clientId: FieldPlace
  redirectUri: FieldPlace
  callbackUrl: FieldPlace
  /**
   * What a person must do by hand for events to flow, besides `activation.steps` and in order, before the first consent:
   * permissions, and where the app has one hook, what comes after whs has all secrets, such as a test of the URL.
   */
  events: string[]
}
export interface FieldPlace {
  /** The field's own name, in a few words. */
  label: string
  /** Where it is found, and what else there is to know of it. */
  where: string
}
export interface SecretPlace extends FieldPlace {
  /** Not asked for at `app add`: the portal shows it only after the callback URL is saved, or a handshake brings it. */
  later?: boolean
  /** The app works without it. */
  optional?: boolean
}

/** A kind of account, the provider's own id for whom an event is. */
export interface AccountKind {
  kind: string
  /** The provider's own word for it, used wherever it is printed. */
  word: string
  /** What stands behind it in one noun, such as `company`. */
  noun: string
  normalise: Normaliser
  /** Values that do not fit are refused before they reach a URL. */
  pattern: string
  /** What the pattern means, as a person is told it: `up to 30 digits`. */
  shape: string
  /** Where it becomes known: at the consent, as the id of an activation, or in the first delivery that verified as the tenant's. */
  from: 'consent' | 'activation' | 'delivery'
}
export type Normaliser = 'text' | 'lower' | 'origin' | 'digits' | 'email'

/** Where a consent's accounts come from. One consent may give several, each with values of several kinds. */
export interface Identity {
  /**
   * `callback`: the parameters that came through the browser; `token`: the token endpoint's reply; `id-token`: the claims of
   * its ID token; `ask`: what was typed before; else an API's answer. All are read as one JSON object.
   */
  from: 'callback' | 'token' | 'id-token' | 'ask' | Call
  /** Where several stand; absent: the whole answer is one. */
  items?: Path
  /** Which of them count. */
  where?: When
  /** Account kind → value; a kind whose value is missing is left out, but one must be there. */
  accounts: Record<string, Value>
  name?: Value
  /** Values of slots that are known from here on: API host, region. Each is one DNS label or a short word. */
  learn?: Record<string, Value>
  /** Needed for what came through a browser or was typed: a call that only the tenant's own token can make. */
  prove?: Proof
}
export interface Proof {
  call: Call
  /** Where the answer repeats the account; with `[*]` one of several. Absent: a 2xx is proof enough. */
  equals?: Path
  name?: Path
  /** `app`: the call is made with the app's own credentials, so a person at the terminal must name the account too. */
  by?: 'app'
}
