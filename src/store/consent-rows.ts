import type { Consent, ConsentOutcome, ConsentState, ConsentWish } from './consent-ops.ts'

export interface ConsentRow {
  link: string
  app: string
  state: ConsentState
  wish: string
  redirect_uri: string
  scopes: string
  cookie: string | null
  at_provider: string | null
  result: string | null
  created_at: number
  expires_at: number
}

export const selectConsent = `SELECT lower(hex(c.link_hash)) AS link, a.name AS app, c.state, c.wish, c.redirect_uri, c.scopes,
  lower(hex(c.cookie_hash)) AS cookie, lower(hex(c.state_hash)) AS at_provider, c.result, c.created_at, c.expires_at
  FROM consents c JOIN apps a ON a.id = c.app_id`

/** What a consent of schema 1 did not say. */
const newerWishes: Pick<ConsentWish, 'each' | 'slots'> = { each: false, slots: {} }

export function consentOf(row: ConsentRow | undefined): Consent | null {
  if (!row) return null
  return {
    linkHash: row.link,
    app: row.app,
    state: row.state,
    wish: { ...newerWishes, ...(JSON.parse(row.wish) as ConsentWish) },
    redirectUri: row.redirect_uri,
    scopes: row.scopes.split(' ').filter(Boolean),
    cookieHash: row.cookie || null,
    stateHash: row.at_provider || null,
    outcome: row.result === null ? null : (JSON.parse(row.result) as ConsentOutcome),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}
