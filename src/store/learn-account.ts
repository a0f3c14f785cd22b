import type { NamedAccount } from '../core/read-item.ts'
import { type AccountOwner, forgetOwned, type OwnedAccount } from './accounts.ts'
import type { Binding } from './bindings.ts'
import type { Db } from './database.ts'
import { ownersThatCount } from './decide-owners.ts'
import { addMapping } from './mapping-row.ts'

/** An account as an item names it, and as it is known. */
export interface Named {
  account: NamedAccount
  owned: OwnedAccount
}

/** Under an activation, accounts that may be learned are its tenant's where they are nobody's. */
export function taughtOwner({ tenantId, tenant }: Binding, accounts: Named[]): AccountOwner | null {
  if (tenantId === null || tenant === null || !accounts.every(one => isLearnable(one, tenantId))) return null
  return { tenantId, tenant, mappingId: null, taught: true }
}

function isLearnable({ account, owned: { owners, ignored } }: Named, boundTo: number | null): boolean {
  const isNobodys = ownersThatCount(owners, boundTo).length === 0
  return account.learn === true && isNobodys && (ignored === null || ignored === '*')
}

/**
 * Part of a write: remembers whose an account is by what it came with. What did not come from the provider teaches nothing.
 * Returns the account's number where it was learned.
 */
export function learnAccount(
  db: Db,
  input: { appId: number; verified: string; source: string },
  binding: Binding,
  named: Named,
  owner: AccountOwner,
): number | null {
  if (input.verified === 'none' || input.source !== 'delivery' || !isLearnable(named, binding.tenantId)) return null
  const { accountId } = named.owned
  const common = { accountId, tenantId: owner.tenantId, source: 'learned' as const }
  if (binding.tenantId !== null && binding.activation !== null) {
    const { connectionSeq, activation: taughtBy } = binding
    addMapping(db, { ...common, connectionSeq, proof: 'an activation of the tenant verified it', taughtBy })
  } else {
    const beside = 'SELECT connection_seq AS seq FROM mappings WHERE id = ?'
    const connectionSeq = db.get<{ seq: number | null }>(beside, owner.mappingId)?.seq ?? null
    addMapping(db, { ...common, connectionSeq, proof: 'it stood beside an account of the tenant' })
  }
  forgetOwned(db, input.appId, named.account)
  return accountId
}
