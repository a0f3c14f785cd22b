import type { ProviderDefinition } from '../core/definition.ts'
import { WhsError } from '../core/errors.ts'
import { slotsOf } from '../core/fill-text.ts'
import { holds } from '../core/holds.ts'
import { answerContext } from '../core/value.ts'
import type { Call } from '../core/value-definition.ts'
import type { CallAnswer } from '../net/call.ts'
import { callPages } from './api-call.ts'
import { type CallDeps, type CallPlace, secretSlotsOf } from './call-place.ts'

/** Whether a call is made with the tenant's token; else the app's own credentials make it. */
export function usesToken({ auth = { bearer: '{token}' }, ...call }: Call): boolean {
  return slotsOf(JSON.stringify([auth, call])).some(slot => slot === 'token' || slot.startsWith('access.'))
}

/** Whether an answer says that the token is not taken: by 401 (RFC 6750 section 3.1), or as the definition knows. */
export function isTokenRefused({ api }: ProviderDefinition, { status, body }: CallAnswer): boolean {
  if (status === 401) return true
  return (api?.refused ?? []).some(one => {
    if (![one.status].flat().includes(status)) return false
    const context = one.when === undefined ? undefined : answerContext(body)
    return one.when === undefined || (context !== undefined && holds(context, one.when))
  })
}

/**
 * Whether a token that one call was refused with is dead: the definition's own call that names or proves the account is
 * refused with it too. Without such a call the refusal is believed.
 */
export async function isTokenDead(deps: CallDeps, place: CallPlace): Promise<boolean> {
  const { from, prove } = place.definition.identity
  const call = [typeof from === 'object' ? from : undefined, prove?.call].find(one => one && usesToken(one))
  if (!call) return true
  try {
    const slots = { ...place.slots, ...(await secretSlotsOf(deps, place, call)) }
    for await (const { answer } of callPages(deps, call, { hosts: place.hosts, slots })) {
      return isTokenRefused(place.definition, answer)
    }
  } catch (error) {
    if (!(error instanceof WhsError)) throw error
  }
  return false
}
