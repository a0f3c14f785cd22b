import type { Call, Path, TextTemplate, Value, When } from './value-definition.ts'

/** How the provider comes to send events: one hook for all tenants of an app, or one a tenant or resource. */
export interface Activation {
  per: ActivationScope
  /** Who can make it. `portal`: a person; `api`: a call as well. */
  by: 'portal' | 'api' | 'either'
  /** The callback URL carries a key, since deliveries name no account (or nothing else proves them). */
  keyed?: boolean
  /** Each has a secret of its own: the provider gives it, or we choose it. */
  secret?: 'given' | 'chosen'
  /** The account kind whose values are ids of activations. */
  kind?: string
  /** What a resource is called, such as `form`. */
  noun?: string
  /** How long one lives, in days. */
  days?: number
  /** What a person does to make one by hand, in order. `{callback}` is the URL to paste. */
  steps: string[]
  api?: ActivationApi
}
export type ActivationScope = 'app' | 'tenant' | 'resource'

/**
 * Hooks by the provider's own API. Its calls have these slots besides the usual ones: `callback` (the URL to point at,
 * with its key), `secret` (the one that we chose; `secretUser` and `secretPassword` are what stands before and behind its
 * colon), `resource`, `activation` (the provider's id; while it is made, the one that we chose), `expires.iso`,
 * `expires.s`, `expires.ms` (when it is to end), `ttl` (the same in seconds from now), and the names of `keep`.
 * In a JSON body `{ "$number": "{activation}" }` is a number. Where `create` has no `callback`, the URL is set by hand and
 * no call moves it; where it has no `secret`, we choose none.
 */
export interface ActivationApi {
  /** Where it is another one than by hand. */
  per?: ActivationScope
  /** What hooks can be for, where they are one a resource: what the provider lists, or always these. */
  resources?: (Listing & { name?: Value; usual?: When }) | { all: ResourceWord[] }
  /**
   * What stands at the provider already. Asked once for each resource where its URL names one. `keep` is that of `made`:
   * where hooks share an id, an item is the one whose id and `keep` are the same.
   */
  list?: Listing & { url?: Value; resource?: Value; expires?: Moment; secret?: Value; keep?: Record<string, Value> }
  create: Call
  made: Made
  /**
   * Before it ends: `again` is the same call once more, `anew` another hook, after which the old one is removed; else a
   * call of its own.
   */
  renew?: 'again' | 'anew' | { call: Call; expires?: Moment }
  /**
   * How one is pointed at another URL; absent: made anew, then the old one is removed. `remove-first`: the other way
   * round, since the provider takes no second one beside it.
   */
  move?: Call | 'remove-first'
  remove?: Call
  /** Hours before its end at which it is renewed; absent: a quarter of its life. */
  marginHours?: number
  /** OAuth scopes without which it is refused. */
  scopes?: string[]
  /** What refusals mean that their status alone does not say. The first that fits counts. */
  refusals?: { status: number | number[]; when?: When; means: RefusalMeaning }[]
}

/** A list that an API gives, page after page. */
export interface Listing {
  call: Call
  items: Path
  where?: When
  id: Value
}

/** A resource of a fixed list; `usual` ones are chosen where nobody says. */
export interface ResourceWord {
  id: string
  name: string
  usual?: true
  /** The types of things of whose events it hears; absent: its id is the type of its events. */
  types?: string[]
}

/** What the answer to `create` says. */
export interface Made {
  /** The provider's id of it, or a template of what we choose or know: `{uuid}`, `{resource}`, `{account}`. */
  id: Value | { chosen: TextTemplate }
  secret?: Value
  /** Where the secret must be asked for. */
  secretBy?: { call: Call; at: Value }
  expires?: Moment
  /** What later calls need: slot → value. */
  keep?: Record<string, Value>
}

/** A time in an answer. */
export interface Moment {
  at: Value
  unit: 'iso' | 's' | 'ms'
}

/**
 * Why a hook is not made or renewed: a scope is missing, the plan allows none, there are too many, another one stands in
 * its place, it is gone, the URL was not reached, or the token does not hold any more.
 */
export type RefusalMeaning = 'scope' | 'plan' | 'quota' | 'taken' | 'gone' | 'unreachable' | 'token'
