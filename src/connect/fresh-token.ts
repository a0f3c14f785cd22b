import { exits, WhsError } from '../core/errors.ts'
import { brokenError } from './broken.ts'
import { type CallDeps, type CallPlace, callPlaceOf } from './call-place.ts'
import { refreshOnce } from './refresh-once.ts'

/** A token is replaced this long before its end, but never in more than the last tenth of its life. */
const aheadMs = 120_000

/**
 * Where calls are made as a connection, with a token that is good: one that has ended, or ends in a moment, is refreshed
 * first. `refused` is the version of a token that the provider did not take: unless it was replaced meanwhile it is
 * refreshed too. A refresh before the end that fails in a way that may pass leaves the present token in use.
 * @throws WhsError `connection-broken` (exit 4), those of `callPlaceOf` and `refreshOnce`
 */
export async function freshPlace(deps: CallDeps, id: string, refused: number | null = null): Promise<CallPlace> {
  const place = await soundPlace(deps, id)
  const need = needOf(place, deps.now(), refused)
  if (need === null) return place
  try {
    await refreshOnce(
      deps,
      place,
      need === 'refused' ? `${place.definition.company} refused its token` : 'its token ended',
    )
  } catch (error) {
    if (need !== 'soon' || !(error instanceof WhsError) || error.exit !== exits.api) throw error
    return place
  }
  return soundPlace(deps, id)
}

async function soundPlace(deps: CallDeps, id: string): Promise<CallPlace> {
  const place = await callPlaceOf(deps, id)
  if (place.connection.state === 'broken') throw brokenError(place.connection)
  return place
}

/** Why the token of a connection is to be refreshed; null where it is not. */
function needOf(
  { connection, definition }: CallPlace,
  now: number,
  refused: number | null,
): 'ended' | 'refused' | 'soon' | null {
  const { access, refresh, unreadable, accessExpiresAt, tokenVersion, issuedAt } = connection
  if (access === null && !unreadable && definition.oauth.kind === 'callback') return null
  if (refused !== null && refused === tokenVersion) return 'refused'
  if (access === null) return 'ended'
  if (accessExpiresAt === null || accessExpiresAt - now > aheadMs) return null
  if (accessExpiresAt <= now) return 'ended'
  const life = accessExpiresAt - (issuedAt ?? now)
  return refresh !== null && accessExpiresAt - now <= Math.min(aheadMs, life / 10) ? 'soon' : null
}
