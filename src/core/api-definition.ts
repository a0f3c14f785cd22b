import type { CallAuth, Page, TextTemplate, UrlTemplate, When } from './value-definition.ts'

/** How the provider's API is called as a tenant. What is absent is as usual. */
export interface Api {
  /** What paths stand behind: a host role, perhaps with a piece of path. Absent: `{api}`. */
  base?: UrlTemplate
  /** On every call that a person makes, such as a version. */
  headers?: Record<string, TextTemplate>
  /** Absent: `Authorization: Bearer` and the tenant's token. */
  auth?: CallAuth
  /** How a JSON body is sent; absent: as it is. */
  body?: 'form'
  /** Where an answer says in a 2xx that it failed. */
  failedWhen?: When
  /** How further pages are asked for. Absent: by the `Link` header (RFC 8288). */
  page?: Page
  /** What says that the token is not taken, besides status 401. */
  refused?: { status: number | number[]; when?: When }[]
  /** How much one connection may ask. Who asks more waits. */
  limits?: RateLimits
}

/** What an event says of the consent itself. The first that fits counts. */
export interface Lifecycle {
  /** The provider's own types. */
  events: string[]
  /** Only where this holds of the item. */
  when?: When
  /** `revoked`: the tenant has left, its tokens are dead; `broken`: it must do something; `active`: that is done. */
  means: 'revoked' | 'broken' | 'active'
  /** Why, as people are told it. */
  why: string
}

export interface RateLimits {
  /** So many calls may begin in so many seconds. */
  calls?: number
  seconds?: number
  /** So many may be under way at once. */
  concurrent?: number
}
