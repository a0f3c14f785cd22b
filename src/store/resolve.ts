import type { IngestedItem, NamedAccount } from '../core/read-item.ts'
import { type AccountOwner, type OwnedAccount, ownedAccount } from './accounts.ts'
import { type Binding, bindingOf } from './bindings.ts'
import type { Db } from './database.ts'
import { decideOwners } from './decide-owners.ts'
import { learnAccount, type Named, taughtOwner } from './learn-account.ts'
import { openStanding, ownerBehind, standingOf } from './standing.ts'

/** An event on its way into the store: an item for one tenant, of the app itself, or parked. */
export interface Draft {
  item: IngestedItem
  part: number
  scope: 'tenant' | 'parked' | 'app'
  reason: 'unreadable' | 'unknown-account' | 'mismatch' | 'resolving' | null
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
  /** What was, or is to be, asked about it. */
  resolution?: number
}
export interface Resolvable {
  appId: number
  receivedAt: number
  items: IngestedItem[]
  /** The activation whose key or secret verified the whole. */
  activation: number | null
  verified: 'signature' | 'token' | 'none'
  source: string
  /** What bounds it where no activation does: the connection whose token read it. */
  by?: Binding
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

/**
 * Whose each item is. An item whose account belongs to two tenants becomes two events; one of an unknown account is
 * parked, as is one whose facts disagree; one of an ignored account is counted and left out. What an activation verified
 * is its tenant's or nobody's.
 * @throws WhsError `activation-gone`
 */
export function draftEvents(db: Db, input: Resolvable): Resolved {
  const work: Work = { db, input, drafts: [], learned: [], parts: new Map() }
  for (const item of input.items) {
    draftItem(work, item, input.by ?? bindingOf(db, input.appId, input.activation, item.activation))
  }
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
  draftUnknown(work, item, binding, [], [])
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
  const account = binding.own && { ...binding.own, place: binding.activation === null ? 'call' : 'activation' }
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
    if (!taught && decision.reason === 'unknown-account') return draftUnknown(work, item, binding, named, known)
    if (!taught) return park(work, item, binding, decision.reason, named)
    owners = [taught]
  }
  const [owner] = owners
  if (owner && owners.length === 1) {
    for (const [index, account] of entry.entries()) {
      if (!account.learn) continue
      const named = { account, owned: known[index] as OwnedAccount }
      const learned = learnAccount(work.db, work.input, binding, named, owner)
      if (learned !== null) work.learned.push(learned)
    }
  }
  for (const one of owners) give(work, item, binding, entry[at] ?? null, known[at]?.accountId ?? null, one)
}

/**
 * An item whose accounts are nobody's. What it names besides may stand for one that is somebody's, as a call of the API said
 * before; else it is parked, and that is asked.
 */
function draftUnknown(work: Work, item: IngestedItem, binding: Binding, named: Named[], known: OwnedAccount[]): void {
  const { db, input } = work
  // For what nobody has proved no token is used.
  const asks = input.verified === 'none' || input.source === 'import' ? undefined : item.asks
  const standing = asks && standingOf(db, input.appId, asks)
  const owner = standing && ownerBehind(db, standing, binding.tenantId)
  if (owner) {
    const { account, owned } = named[0] ?? { account: { ...owner.account, place: 'api' }, owned: null }
    return give(work, item, binding, account, owned?.accountId ?? owner.accountId, owner, standing.id)
  }
  if (leaveOut(work, known)) return
  if (!asks) return park(work, item, binding, 'unknown-account', named)
  const { id, state } = openStanding(db, input.appId, asks)
  park(work, item, binding, state === 'open' ? 'resolving' : 'unknown-account', named, id)
}

function lookUp({ db, input }: Work, account: NamedAccount): OwnedAccount {
  return ownedAccount(db, input.appId, account, input.receivedAt)
}

/** Counts an item of an account that nobody wants to hear of; false for any other. */
function leaveOut({ db, input }: Work, known: OwnedAccount[]): boolean {
  const ignored = (known.find(one => one.ignored !== null && one.ignored !== '*') ?? known[0])?.ignored
  if (!ignored) return false
  const count = 'UPDATE ignored SET times = times + 1, last_at = ? WHERE app_id = ? AND value = ?'
  db.run(count, input.receivedAt, input.appId, ignored)
  return true
}

function give(
  work: Work,
  item: IngestedItem,
  binding: Binding,
  account: NamedAccount | null,
  accountId: number | null,
  { tenantId, tenant, mappingId }: Omit<AccountOwner, 'taught'>,
  resolution?: number,
): void {
  const part = partOf(work, `tenant ${tenantId}`)
  const whose = { account, accountId, tenantId, tenant, mappingId }
  const asked = resolution === undefined ? {} : { resolution }
  work.drafts.push({ item, part, scope: 'tenant', reason: null, ...whose, ...marks(binding), several, ...asked })
}

/** Where facts disagree it stands under the first account that is anybody's. */
function park(
  work: Work,
  item: IngestedItem,
  binding: Binding,
  reason: NonNullable<Draft['reason']>,
  named: Named[] = [],
  resolution?: number,
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
    ...(resolution === undefined ? {} : { resolution }),
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
