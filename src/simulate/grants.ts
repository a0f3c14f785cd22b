import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { ProviderDefinition } from '../core/definition.ts'
import type { Company } from './companies.ts'

/** One consent at one app, for one company or several, and all tokens that came of it. */
export interface Grant {
  clientId: string
  companies: Company[]
  /** Those that have left since. */
  gone: Company[]
  /** What was asked for, as it was written. */
  scope: string
  revoked: boolean
}
export interface Code {
  grant: Grant
  /** Null where the provider takes none at the consent. */
  redirectUri: string | null
  /** The PKCE challenge, where one was sent (RFC 7636, S256). */
  challenge: string | null
  expiresAt: number
  used: boolean
}
interface Token {
  kind: 'access' | 'refresh'
  grant: Grant
  expiresAt: number
}

/** The tokens of a token reply, lifetimes in seconds; null: until it is revoked. */
export interface TokenPair {
  grant: Grant
  access: string
  accessSeconds: number | null
  /** Null where the provider gives none. */
  refresh: string | null
  refreshSeconds: number
}

/** What was decided on the consent page. */
export interface Decision {
  clientId: string
  companies: Company[]
  scope: string
}

export interface Grants {
  makeCode(decision: Decision, redirectUri: string | null, challenge: string | null): string
  /** A consent that gives no tokens: calls are made with the app's own credentials. */
  connect(decision: Decision): void
  /** Undefined for a code that is unknown, old, another app's, or used: then what came of it is revoked (RFC 6749 §4.1.2). */
  takeCode(code: string, clientId: string): Code | undefined
  issue(grant: Grant): TokenPair
  /** A new pair for a refresh token, or undefined. */
  refresh(token: string, clientId: string): TokenPair | undefined
  /** The grant of an access token that is good now. */
  grantOf(access: string): Grant | undefined
  /** Every company that is connected with an app now. */
  companiesOf(clientId: string): Company[]
  /** Ends the grant of a token of this app; an unknown token is fine (RFC 7009 §2.2). */
  revoke(token: string, clientId: string): void
  /** Ends what the consent of a token is for these companies. */
  revokeToken(token: string, companies: (all: Company[]) => Company[]): void
  /** The same for every consent at an app. */
  revokeCompanies(clientId: string, companies: Company[]): void
  /** A company's key, which stands in place of a consent at no app; the same each time. */
  keyOf(company: Company): string
  /** As if this time had gone by for all tokens that were given. */
  age(ms: number): void
  /** Whether a refresh token is dead at once when a newer one was given, and not a day later. */
  setStrict(isStrict: boolean): void
  /** `never`: this company never consented here, so it stands for one that did so elsewhere. */
  state(clientId: string, company: Company): 'connected' | 'disconnected' | 'never'
}

export interface GrantOptions {
  definition: ProviderDefinition
  /** Null: until it is revoked. */
  accessSeconds: number | null
  refreshSeconds: number
  /** A new access token from random text; a provider's may be a JWT. */
  accessToken(random: string): string
  timeScale: number
  now(): number
  randomBytes(length: number): Uint8Array
}

const codeMs = 600_000
/** How long a refresh token stays valid after a newer one was issued. */
const graceMs = 86_400_000

/** The consents and tokens of one provider, in memory. */
export function openGrants(options: GrantOptions): Grants {
  const { definition, timeScale, now, randomBytes } = options
  const codes = new Map<string, Code>()
  const tokens = new Map<string, Token>()
  const grants: Grant[] = []
  const keys = new Map<Company, string>()
  const { kind } = definition.oauth.refresh
  let isStrict = false
  const accessSeconds = options.accessSeconds === null ? null : scaled(options.accessSeconds)
  const refreshSeconds = scaled(options.refreshSeconds)

  function scaled(seconds: number): number {
    return Math.max(1, Math.round(seconds / timeScale))
  }

  function text(length: number): string {
    return Buffer.from(randomBytes(length)).toString('base64url')
  }

  function add(what: Token['kind'], grant: Grant, seconds: number | null): string {
    const token = what === 'access' ? options.accessToken(text(48)) : text(24)
    const expiresAt = seconds === null ? Number.POSITIVE_INFINITY : now() + seconds * 1000
    tokens.set(token, { kind: what, grant, expiresAt })
    return token
  }

  function find(token: string, what: Token['kind']): Token | undefined {
    const found = tokens.get(token)
    return found?.kind === what && !found.grant.revoked && found.expiresAt > now() ? found : undefined
  }

  function leave(grant: Grant, companies: Company[]): void {
    grant.gone.push(...grant.companies.filter(company => companies.includes(company)))
    grant.companies = grant.companies.filter(company => !companies.includes(company))
    if (grant.companies.length === 0) grant.revoked = true
  }

  function issue(grant: Grant, old?: string): TokenPair {
    const refresh = kind === 'none' ? null : (old ?? add('refresh', grant, refreshSeconds))
    return { grant, access: add('access', grant, accessSeconds), accessSeconds, refresh, refreshSeconds }
  }

  return {
    makeCode(decision, redirectUri, challenge) {
      const grant = { ...decision, gone: [], revoked: false }
      const code = text(24)
      codes.set(code, { grant, redirectUri, challenge, expiresAt: now() + codeMs, used: false })
      return code
    },
    connect(decision) {
      grants.push({ ...decision, gone: [], revoked: false })
    },
    takeCode(code, clientId) {
      const found = codes.get(code)
      if (!found || found.grant.clientId !== clientId) return undefined
      if (found.used) found.grant.revoked = true
      if (found.used || found.expiresAt <= now()) return undefined
      found.used = true
      return found
    },
    issue(grant) {
      grants.push(grant)
      return issue(grant)
    },
    refresh(token, clientId) {
      const found = find(token, 'refresh')
      if (!found || found.grant.clientId !== clientId) return undefined
      if (kind !== 'rotating') return issue(found.grant, token)
      found.expiresAt = Math.min(found.expiresAt, now() + (isStrict ? 0 : graceMs / timeScale))
      return issue(found.grant)
    },
    grantOf: token => find(token, 'access')?.grant,
    companiesOf: clientId =>
      grants.flatMap(grant => (grant.clientId === clientId && !grant.revoked ? grant.companies : [])),
    revoke(token, clientId) {
      const grant = tokens.get(token)?.grant
      if (grant?.clientId === clientId) grant.revoked = true
    },
    revokeToken(token, companies) {
      const grant = tokens.get(token)?.grant
      if (grant) leave(grant, companies(grant.companies))
    },
    revokeCompanies(clientId, companies) {
      for (const grant of grants) if (grant.clientId === clientId) leave(grant, companies)
    },
    keyOf(company) {
      const known = keys.get(company)
      if (known !== undefined) return known
      const grant = { clientId: '', companies: [company], gone: [], scope: '', revoked: false }
      const key = add('access', grant, null)
      keys.set(company, key)
      return key
    },
    age(ms) {
      for (const token of tokens.values()) token.expiresAt -= ms
    },
    setStrict(value) {
      isStrict = value
    },
    state(clientId, company) {
      const own = grants.filter(
        ({ clientId: id, companies, gone }) => id === clientId && [...companies, ...gone].includes(company),
      )
      if (own.length === 0) return 'never'
      return own.some(({ companies, revoked }) => !revoked && companies.includes(company))
        ? 'connected'
        : 'disconnected'
    },
  }
}

/** Whether a verifier fits the challenge that came with the consent; without a challenge none may come. */
export function fitsChallenge(challenge: string | null, verifier: string | null): boolean {
  if (challenge === null || verifier === null) return challenge === verifier
  return createHash('sha256').update(verifier).digest('base64url') === challenge
}
