import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { ProviderDefinition } from '../core/definition.ts'
import type { Company } from './companies.ts'

/** One consent of one company at one app, and all tokens that came of it. */
export interface Grant {
  clientId: string
  company: Company
  revoked: boolean
}
export interface Code {
  grant: Grant
  redirectUri: string
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

/** The tokens of a token reply, lifetimes in seconds. */
export interface TokenPair {
  access: string
  accessSeconds: number
  refresh: string
  refreshSeconds: number
}

export interface Grants {
  makeCode(clientId: string, company: Company, redirectUri: string, challenge: string | null): string
  /** Undefined for a code that is unknown, old, another app's, or used: then what came of it is revoked (RFC 6749 §4.1.2). */
  takeCode(code: string, clientId: string): Code | undefined
  issue(grant: Grant): TokenPair
  /** A new pair for a refresh token, or undefined. */
  refresh(token: string, clientId: string): TokenPair | undefined
  /** The grant of an access token that is good now. */
  grantOf(access: string): Grant | undefined
  /** Ends the grant of a token of this app; an unknown token is fine (RFC 7009 §2.2). */
  revoke(token: string, clientId: string): void
  /** `never`: this company never consented here, so it stands for one that did so elsewhere. */
  state(clientId: string, company: Company): 'connected' | 'disconnected' | 'never'
}

export interface GrantOptions {
  definition: ProviderDefinition
  refreshSeconds: number
  timeScale: number
  now(): number
  randomBytes(length: number): Uint8Array
}

const codeMs = 600_000
/** How long a refresh token stays valid after a newer one was issued. */
const graceMs = 86_400_000

/** The consents and tokens of one provider, in memory. */
export function openGrants({ definition, refreshSeconds, timeScale, now, randomBytes }: GrantOptions): Grants {
  const codes = new Map<string, Code>()
  const tokens = new Map<string, Token>()
  const grants: Grant[] = []
  const rotating = definition.oauth.refresh.kind === 'rotating'

  function text(length: number): string {
    return Buffer.from(randomBytes(length)).toString('base64url')
  }

  function add(kind: Token['kind'], grant: Grant, seconds: number): string {
    const token = text(kind === 'access' ? 48 : 24)
    tokens.set(token, { kind, grant, expiresAt: now() + seconds * 1000 })
    return token
  }

  function find(token: string, kind: Token['kind']): Token | undefined {
    const found = tokens.get(token)
    return found?.kind === kind && !found.grant.revoked && found.expiresAt > now() ? found : undefined
  }

  const access = scaled(definition.oauth.accessSeconds)
  const refresh = scaled(refreshSeconds)

  function scaled(seconds: number): number {
    return Math.max(1, Math.round(seconds / timeScale))
  }

  function issue(grant: Grant, old?: string): TokenPair {
    const pair = { access: add('access', grant, access), refresh: old ?? add('refresh', grant, refresh) }
    return { ...pair, accessSeconds: access, refreshSeconds: refresh }
  }

  return {
    makeCode(clientId, company, redirectUri, challenge) {
      const grant = { clientId, company, revoked: false }
      const code = text(24)
      codes.set(code, { grant, redirectUri, challenge, expiresAt: now() + codeMs, used: false })
      return code
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
      if (!rotating) return issue(found.grant, token)
      found.expiresAt = Math.min(found.expiresAt, now() + graceMs / timeScale)
      return issue(found.grant)
    },
    grantOf: token => find(token, 'access')?.grant,
    revoke(token, clientId) {
      const grant = tokens.get(token)?.grant
      if (grant?.clientId === clientId) grant.revoked = true
    },
    state(clientId, company) {
      const own = grants.filter(grant => grant.clientId === clientId && grant.company === company)
      if (own.length === 0) return 'never'
      return own.some(grant => !grant.revoked) ? 'connected' : 'disconnected'
    },
  }
}

/** Whether a verifier fits the challenge that came with the consent; without a challenge none may come. */
export function fitsChallenge(challenge: string | null, verifier: string | null): boolean {
  if (challenge === null || verifier === null) return challenge === verifier
  return createHash('sha256').update(verifier).digest('base64url') === challenge
}
