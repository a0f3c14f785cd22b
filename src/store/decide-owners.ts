import type { AccountOwner } from './accounts.ts'

/** Whose an event is that names these accounts, and which of them decided; or why it is nobody's. */
export type Decision = { at: number; owners: AccountOwner[] } | { reason: 'unknown-account' | 'mismatch' }

/**
 * Decides by accounts that must agree, none of which outdoes another: only who has all of them that are anybody's can be
 * an owner. `boundTo` is the tenant whose activation verified: the event is that one's or nobody's.
 */
export function decideOwners(named: { owners: AccountOwner[] }[], boundTo: number | null): Decision {
  const accounts = named.map(({ owners }) => ({ owners: ownersThatCount(owners, boundTo) }))
  const at = accounts.findIndex(({ owners }) => owners.length > 0)
  const account = accounts[at]
  if (!account) return { reason: 'unknown-account' }
  if (boundTo === null && accounts.length === 1) return { at, owners: account.owners }
  const owners = account.owners.filter(
    ({ tenantId }) => (boundTo === null || tenantId === boundTo) && accounts.every(other => mayBeOf(other, tenantId)),
  )
  return owners.length > 0 ? { at, owners } : { reason: 'mismatch' }
}

/**
 * What a tenant's own hook taught counts where a hook bounds the event, so that it can only keep it from others. It never
 * makes the app's own deliveries anybody's, since a tenant can sign what it likes with its hook's secret.
 */
export function ownersThatCount(owners: AccountOwner[], boundTo: number | null): AccountOwner[] {
  return boundTo === null ? owners.filter(({ taught }) => !taught) : owners
}

function mayBeOf({ owners }: { owners: AccountOwner[] }, tenantId: number): boolean {
  return owners.length === 0 || owners.some(owner => owner.tenantId === tenantId)
}
