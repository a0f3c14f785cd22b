import type { RealEnvironment } from './definition.ts'
import type { Call, Path, TextTemplate, UrlTemplate, Value, When } from './value-definition.ts'

/**
 * How a tenant authorises. `code` is the authorization code grant (RFC 6749 section 4.1); with `callback` the provider
 * sends the browser back with the account alone, and calls are made with the app's own credentials. `none` stands in a
 * definition that was written without `oauth`.
 */
export interface OAuth {
  kind: 'code' | 'callback' | 'none'
  authorizeUrl: UrlTemplate
  /** Present with `code` alone. */
  tokenUrl?: UrlTemplate
  scopes: string[]
  scopeSeparator: ' ' | ','
  /** The name of the scope parameter where it is another than `scope`. */
  scopeParameter?: string
  /** More parameters of the authorization URL. */
  parameters?: Record<string, TextTemplate>
  /** Standard parameters of the authorization URL that this provider does not take. */
  leaveOut?: ('response_type' | 'redirect_uri' | 'scope' | 'client_id')[]
  pkce: 'S256' | 'none'
  clientAuth: 'basic' | 'post'
  /** How the token request is written. */
  tokenBody?: 'form' | 'json'
  /** More parameters of the token request; `{callback.<name>}` is what the callback brought. */
  tokenParameters?: Record<string, TextTemplate>
  reply?: TokenReply
  refresh: Refresh
  /** How long an access token lives where the reply does not say; null: until it is revoked. */
  accessSeconds: number | null
  /** RFC 7009 with the app's own authentication, or a call (slots `token`, `refreshToken`). Absent: there is no way. */
  revoke?: { url: UrlTemplate; body: 'json' | 'form'; field: string; token?: 'refresh' | 'access' } | { call: Call }
  /** Which redirect URI an environment accepts. */
  redirect: Partial<Record<RealEnvironment, RedirectPlace>>
  /** Who the authorization server says it is, in the `iss` of every callback (RFC 9207). Absent: not known whether it does. */
  issuer?: UrlTemplate
  /** A signature of the callback's own parameters, checked before anything else of it is believed. */
  callbackSignature?: CallbackSignature
  /**
   * The provider calls the redirect URI with DELETE when a tenant has left: by the app's own Basic credentials, with the
   * account in its JSON body. `why` is told to people.
   */
  leaves?: { kind: string; at: Value; why: string }
  /** What a refused consent brings as `error`, besides `access_denied`. */
  denied?: string[]
}

export interface Refresh {
  /** `rotating`: a refresh answers with a new refresh token, which must be stored before it is used; `none`: there is none. */
  kind: 'rotating' | 'stable' | 'none'
  /** How long a refresh token lives where the reply does not say. Absent: until it is revoked, or nobody says. */
  seconds?: number
  /** More parameters of the request that refreshes. */
  parameters?: Record<string, TextTemplate>
  /** What the token endpoint says of a refresh token that is no good any more, besides `invalid_grant`. */
  refused?: string[]
}

/** `loopback` is `http://localhost:<port>`, `loopback-ip` `http://127.0.0.1:<port>`, `public` needs https. */
export type RedirectPlace = 'loopback' | 'loopback-ip' | 'public'

/** Where the token endpoint's JSON says what; absent: the names of RFC 6749 section 5.1. */
export interface TokenReply {
  access?: Path
  refresh?: Path
  scope?: Path
  /** Seconds, as a number or text; 0 or less says nothing. */
  expiresIn?: Path
  /** An ISO time or Unix seconds, in place of `expiresIn`. */
  expiresAt?: Path
  refreshExpiresIn?: Path
  refreshExpiresAt?: Path
  /** A reply of status 200 that is a refusal all the same. */
  failedWhen?: When
  error?: Value
  /** Slots that are known from here on, before the identity call: an API host's label, a region. */
  learn?: Record<string, Value>
}

/** HMAC over all other parameters, sorted by name and joined as `name=value` with `&`, in hex. */
export interface CallbackSignature {
  hash: 'sha256'
  parameter: string
  secret: string
}
