/**
 * `GET /api/tenants?after=<name>&search=<text>`: by name, 200 a page; the next one is asked for with the last name. `search`
 * is a piece of the name.
 */
export interface TenantView {
  name: string
  accounts: { app: string; word: string; value: string; name: string | null }[]
  connections: {
    app: string
    provider: string
    state: string
    why: string | null
    scopes: string[]
    accessExpiresAt: number | null
    refreshExpiresAt: number | null
    mend: string | null
  }[]
  activations: {
    app: string
    id: string
    state: string
    resource: string | null
    expiresAt: number | null
    url: string
  }[]
  /** Events in each of the last 48 half hours, oldest first. */
  events: number[]
  /** The handler's answer times (ms) of its last hundred first tries, oldest first. */
  answers: number[]
  /** When its last event came. */
  lastAt: number | null
  /** Forwards that wait, and those that were given up. */
  open: number
  failed: number
}

/** `GET /api/parked`: accounts that are nobody's, with what waits for them. */
export interface ParkedView {
  app: string
  /** Empty where none could be read. */
  account: string
  word: string
  reason: string
  events: number
  firstAt: number
  lastAt: number
  claim: string | null
}

/** `GET /api/rejected`: requests that did not verify, grouped by app and reason, the latest group first. */
export interface RejectedView {
  app: string
  reason: string
  detail: string
  times: number
  lastAt: number
  /** The latest of them. */
  lastId: string
  /** The command that mends it. */
  next: string | null
}
