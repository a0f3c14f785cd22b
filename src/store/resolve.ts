import type { IngestedItem, NamedAccount } from '../core/read-item.ts'
import { type AccountOwner, forgetOwned, type OwnedAccount, ownedAccount } from './accounts.ts'
import { type Binding, bindingOf } from './bindings.ts'
import type { Db } from './database.ts'
import { decideOwners, ownersThatCount } from './decide-owners.ts'
import { addMapping } from './mapping-row.ts'

/** An event on its way into the store: an item for one tenant, of the app itself, or parked. */
export interface Draft {
  item: IngestedItem
  part: number
  scope: 'tenant' | 'parked' | 'app'
  reason: 'unreadable' | 'unknown-account' | 'mismatch' | null
  account: NamedAccount | null
  accountId: number | null
  tenantId: number | null
  tenant: string | null
  mappingId: number | null
  /** What bounds whose it may be, also later. */
  activation: number | null
  boundTenantId: number | null
  /** Where it is parked and names several accounts that must agree: all of them. */
  several: { accountId: number; place: string }[]
}
export interface Resolvable {
  appId: number
  receivedAt: number
  items: IngestedItem[]
  /** The activation whose key or secret verified the whole. */
  activation: number | null
  verified: 'signature' | 'token' | 'none'
  source: string
}
export interface Resolved {
  drafts: Draft[]
  /** Accounts that are somebody's from now on: what is parked for them is to be released. */
  learned: number[]
}

interface Work {
  db: Db
  input: Resolvable
  drafts: Draft[]
  learned: number[]
  parts: Map<string, number>
}

/** An account as an item names it, and as it is known. */
interface Named {
  account: NamedAccount
  owned: OwnedAccount
}

/**
 * Whose each item is. An item whose account belongs to two tenants becomes two events; one of an unknown account is
 * parked, as is one whose facts disagree; one of an ignored account is counted and left out. What an activation verified
 * is its tenant's or nobody's.
 * @throws WhsError `activation-gone`
 */
export function draftEvents(db: Db, input: Resolvable): Resolved {
  const work: Work = { db, input, drafts: [], learned: [], parts: new Map() }
  for (const item of input.items) draftItem(work, item, bindingOf(db, input.appId, input.activation, item.activation))
  return { drafts: onePerTenant(work.drafts), learned: work.learned }
}

function draftItem(work: Work, item: IngestedItem, binding: Binding): void {
  const { tenantId, tenant, own } = binding
  if (item.fault !== null) return park(work, item, binding, 'unreadable')
  if (binding.disagrees) return park(work, item, binding, 'mismatch')
  if (item.scope === 'app') return draftOfApp(work, item, binding)
  if (item.accounts.length > 0) {
    for (const entry of item.accounts) draftEntry(work, item, binding, entry)
    return
  }
  if (tenantId !== null && tenant !== null) return draftBound(work, item, binding, { tenantId, tenant })
  if (own) return draftEntry(work, item, binding, [{ ...own, place: 'activation' }])
  park(work, item, binding, 'unknown-account')
}

/** An event of the platform's own. Where an activation verified it, it is told as that one's tenant's. */
function draftOfApp(work: Work, item: IngestedItem, binding: Binding): void {
  const { tenantId, tenant } = binding
  const part = partOf(work, `app ${tenantId}`)
  const nobody = { account: null, accountId: null, mappingId: null }
  work.drafts.push({ item, part, scope: 'app', reason: null, ...nobody, tenantId, tenant, ...marks(binding), several })
}

/** An item that names nobody: it is whose the activation is. */
function draftBound(
  work: Work,
  item: IngestedItem,
  binding: Binding,
  owner: { tenantId: number; tenant: string },
): void {
  const account = binding.own && { ...binding.own, place: 'activation' }
  const owned = account && lookUp(work, account)
  const mapping = owned?.owners.find(({ tenantId }) => tenantId === owner.tenantId)
  give(work, item, binding, account, owned?.accountId ?? null, { ...owner, mappingId: mapping?.mappingId ?? null })
}

function draftEntry(work: Work, item: IngestedItem, binding: Binding, entry: NamedAccount[]): void {
  const known = entry.map(account => lookUp(work, account))
  const decision = decideOwners(known, binding.tenantId)
  let owners = 'owners' in decision ? decision.owners : []
  const at = 'owners' in decision ? decision.at : 0
  if ('reason' in decision) {
    const named = entry.map((account, index) => ({ account, owned: known[index] as OwnedAccount }))
    const taught = decision.reason === 'unknown-account' ? taughtOwner(binding, named) : null
    if (!taught && decision.reason === 'unknown-account' && leaveOut(work, known)) return
    if (!taught) return park(work, item, binding, decision.reason, named)
    owners = [taught]
  }
  const [owner] = owners
  if (owner && owners.length === 1) {
    for (const [index, account] of entry.entries()) {
      if (account.learn) learn(work, binding, { account, owned: known[index] as OwnedAccount }, owner)
    }
  }
  for (const one of owners) give(work, item, binding, entry[at] ?? null, known[at]?.accountId ?? null, one)
}

function lookUp({ db, input }: Work, account: NamedAccount): OwnedAccount {
  return ownedAccount(db, input.appId, account, input.receivedAt)
}

/** Under an activation, accounts that may be learned are its tenant's where they are nobody's. */
function taughtOwner({ tenantId, tenant }: Binding, accounts: Named[]): AccountOwner | null {
  if (tenantId === null || tenant === null || !accounts.every(one => isLearnable(one, tenantId))) return null
  return { tenantId, tenant, mappingId: null, taught: true }
}

function isLearnable({ account, owned: { owners, ignored } }: Named, boundTo: number | null): boolean {
  const isNobodys = ownersThatCount(owners, boundTo).length === 0
  return account.learn === true && isNobodys && (ignored === null || ignored === '*')
}

/** Counts an item of an account that nobody wants to hear of; false for any other. */
function leaveOut({ db, input }: Work, known: OwnedAccount[]): boolean {
  const ignored = (known.find(one => one.ignored !== null && one.ignored !== '*') ?? known[0])?.ignored
  if (!ignored) return false
  const count = 'UPDATE ignored SET times = times + 1, last_at = ? WHERE app_id = ? AND value = ?'
  db.run(count, input.receivedAt, input.appId, ignored)
  return true
}

/** Remembers whose an account is by what it came with. What did not come from the provider teaches nothing. */
function learn(work: Work, binding: Binding, named: Named, owner: AccountOwner): void {
  const { db, input } = work
  if (input.verified === 'none' || input.source !== 'delivery' || !isLearnable(named, binding.tenantId)) return
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
  work.learned.push(accountId)
  forgetOwned(db, input.appId, named.account)
}

function give(
  work: Work,
  item: IngestedItem,
  binding: Binding,
  account: NamedAccount | null,
  accountId: number | null,
  { tenantId, tenant, mappingId }: Omit<AccountOwner, 'taught'>,
): void {
  const part = partOf(work, `tenant ${tenantId}`)
  const whose = { account, accountId, tenantId, tenant, mappingId }
  work.drafts.push({ item, part, scope: 'tenant', reason: null, ...whose, ...marks(binding), several })
}

/** Where facts disagree it stands under the first account that is anybody's. */
function park(
  work: Work,
  item: IngestedItem,
  binding: Binding,
  reason: NonNullable<Draft['reason']>,
  named: Named[] = [],
): void {
  const first = named.find(({ owned }) => owned.owners.length > 0) ?? named[0]
  const accountId = first?.owned.accountId ?? null
  const part = partOf(work, `${reason} ${accountId} ${binding.tenantId}`)
  const all = named.map(({ account, owned }) => ({ accountId: owned.accountId, place: account.place }))
  const nobody = { account: first?.account ?? null, accountId, tenantId: null, tenant: null, mappingId: null }
  work.drafts.push({
    item,
    part,
    scope: 'parked',
    reason,
    ...nobody,
    ...marks(binding),
    several: all.length > 1 ? all : several,
  })
}

const several: Draft['several'] = []

function partOf({ parts }: Work, owner: string): number {
  const known = parts.get(owner)
  if (known) return known
  parts.set(owner, parts.size + 1)
  return parts.size
}

/** Two activations that disagree bound it to nobody: no claim finds it, as it stands under no account. */
function marks({ activation, tenantId, disagrees }: Binding): Pick<Draft, 'activation' | 'boundTenantId'> {
  return { activation, boundTenantId: disagrees ? null : tenantId }
}

/** An item that names two accounts of one tenant is one event of it, not two. */
function onePerTenant(drafts: Draft[]): Draft[] {
  if (drafts.length < 2) return drafts
  const seen = new Set<string>()
  return drafts.filter(draft => {
    if (draft.tenantId === null) return true
    const key = `${draft.item.start} ${draft.tenantId}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
