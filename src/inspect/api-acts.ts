import type { AttemptView } from './api.ts'

/**
 * `POST /api/replay`: sends an event now. `tenant`: as that tenant's; `body`: with these bytes (base64) in the place of what
 * `EventView.edit` gave. Where the handler refuses or nobody is there it is an answer as well, with the attempt.
 */
export interface ReplayWish {
  id: string
  tenant?: string
  body?: string
  to?: string
}
export interface ReplayAnswer {
  attempts: AttemptView[]
}

/** `POST /api/claim`: gives a parked account to a tenant and releases what waits. */
export interface ClaimWish {
  app: string
  account: string
  tenant: string
}
export interface ClaimAnswer {
  released: number
}

/** `POST /api/connect`: begins a consent; the page opens the URL in a new tab. */
export interface ConnectWish {
  app: string
  tenant: string | null
  slots?: Record<string, string>
}
export interface ConnectAnswer {
  url: string
}
