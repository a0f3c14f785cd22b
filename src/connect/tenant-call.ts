import type { Slots } from '../core/fill-text.ts'
import type { Call } from '../core/value-definition.ts'
import { type ApiPage, callPages } from './api-call.ts'
import { type CallDeps, callPlaceOf, secretSlotsOf } from './call-place.ts'
import { tenantAsk } from './tenant-ask.ts'

export type TenantCallDeps = CallDeps

/** As whom a call is made. */
export interface AsTenant {
  /** `con_…` */
  connection: string
  /** Which account the slots are filled for, where it is another than the connection's first of that kind. */
  account?: { kind: string; value: string }
}

/**
 * Calls the provider's API as one connection, page after page, with a token that is fresh; where the provider refuses the
 * token it is refreshed once and the call made again. A 429 is waited for, as long as it asks and 30 s a page in all; then,
 * and for every other answer that is not good, the page says so and is the last. At most `most` pages are asked for.
 * @throws WhsError `connection-broken` (exit 4), `no-connection` (exit 5), those of `requestRefresh` (exit 3, 4, 10), of
 * `composeCall` and of `callPages`
 */
export async function* tenantCall(
  deps: TenantCallDeps,
  as: AsTenant,
  call: Call,
  slots: Slots = {},
  most?: number,
): AsyncGenerator<ApiPage> {
  const place = await callPlaceOf(deps, as.connection)
  const { definition, hosts } = place
  const own = as.account ? accountOf(as.account, definition.accounts[0]?.kind) : {}
  const filled = { ...place.slots, ...(await secretSlotsOf(deps, place, call)), ...own, ...slots }
  yield* callPages(deps, call, { hosts, slots: filled }, tenantAsk(deps, place, call), most)
}

function accountOf({ kind, value }: { kind: string; value: string }, main: string | undefined): Slots {
  return { [`account.${kind}`]: value, ...(kind === main ? { account: value } : {}) }
}
