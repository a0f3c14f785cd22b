import { durationText } from '../core/text.ts'
import type { ConnectionState } from '../store/connection-state.ts'
import type { TenantConnection } from '../store/tenant-ops.ts'

/** How well a connection is, as people are told. */
export interface Health {
  state: ConnectionState
  /** Why it is not well; null where it is. */
  why: string | null
  /** When the consent ends unless it is used before, in ms; null: it does not, or nobody knows. */
  endsAt: number | null
}

const mostSoonMs = 14 * 86_400_000

type Facts = Pick<TenantConnection, 'state' | 'why' | 'accessExpiresAt' | 'refreshExpiresAt' | 'refreshes' | 'issuedAt'>

/**
 * The state of a connection: as it is stored, or `expiring` where its consent ends within 14 days (within the last third of
 * a shorter life). An access token that a refresh token replaces ends nothing. Pure.
 */
export function healthOf(connection: Facts, now: number): Health {
  const { state, why, accessExpiresAt, refreshExpiresAt, refreshes, issuedAt } = connection
  const endsAt = refreshes ? refreshExpiresAt : accessExpiresAt
  if (state === 'broken' || state === 'revoked' || endsAt === null) return { state, why, endsAt }
  const left = endsAt - now
  const life = endsAt - (issuedAt ?? now)
  if (left > Math.min(mostSoonMs, life / 3)) return { state: 'active', why, endsAt }
  const told = left > 0 ? `it ends in ${durationText(left)}` : `it ended ${durationText(-left)} ago`
  return { state: 'expiring', why: told, endsAt }
}
