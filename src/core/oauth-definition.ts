import type { RealEnvironment } from './definition.ts'
import type { Call, Path, TextTemplate, UrlTemplate, Value, When } from './value-definition.ts'

/**
 * How a tenant authorises. `code` is the authorization code grant (RFC 6749 section 4.1); with `callback` the provider
 * sends the browser back with the account alone, and calls are made with the app's own credentials.
 */
export interface OAuth {
  kind: 'code' | 'callback'
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
  /** `rotating`: a refresh answers with a new refresh token, which must be stored before it is used; `none`: there is none. */
  refresh: { kind: 'rotating' | 'stable' | 'none' }
  /** How long an access token lives where the reply does not say; null: until it is revoked. */
  accessSeconds: number | null
  /** RFC 7009 with the app's own authentication, or a call (slots `token`, `refreshToken`). Absent: there is no way. */
  revoke?: { url: UrlTemplate; body: 'json' | 'form'; field: string; token?: 'refresh' | 'access' } | { call: Call }
  /** Which redirect URI an environment accepts. */
  redirect: Partial<Record<RealEnvironment, RedirectPlace>>
  /** A signature of the callback's own parameters, checked before anything else of it is believed. */
  callbackSignature?: CallbackSignature
  /** What a refused consent brings as `error`, besides `access_denied`. */
  denied?: string[]
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
