import { slugOf } from '../core/account.ts'
import type { NewIdentity } from '../store/finish-consent-op.ts'
import type { ConsentContext, ConsentDeps } from './consent.ts'
import type { Identified } from './identify.ts'
import { checkedTenantId } from './tenant-id.ts'

export type TenantPlan = NewIdentity['tenant']

/**
 * Whose an account will be where nobody said it: the one that it belongs to already, so that connecting again mends (of
 * several the one whose connection is not in order); else one named after the account, where a name that is taken is
 * asked about or gets a number, never merged silently.
 * @throws WhsError `bad-tenant` (exit 2)
 */
export async function planTenant(
  deps: ConsentDeps,
  { app }: ConsentContext,
  identity: Identified,
  mayAsk = true,
): Promise<TenantPlan> {
  const mendable = await ownerToMend(deps, app.name, await ownersOf(deps, app.id, identity))
  if (mendable) return { name: mendable }
  const slug = slugFor(app.name, identity)
  const taken = (await deps.store.read('findTenant', { name: slug })) !== null
  if (!taken || !deps.askTenant || !mayAsk) return { slug }
  const [{ kind, value }] = identity.accounts
  return namedTenant(
    app.name,
    await deps.askTenant({ app: app.name, account: { kind, value, name: identity.name }, taken: slug }),
  )
}

/** @throws WhsError `bad-tenant` (exit 2) */
export function namedTenant(app: string, name: string): TenantPlan {
  return { name: checkedTenantId(name, `whs connect ${app} --tenant <id>`) }
}

/** The tenant id that an account's name would give. */
export function slugFor(app: string, { name, accounts }: Identified): string {
  return slugOf(name ?? `${app} ${accounts[0].value}`)
}

/** Whose an identity's accounts are already: the owners of the first of them that has any. */
export async function ownersOf({ store }: ConsentDeps, appId: number, { accounts }: Identified): Promise<string[]> {
  for (const { kind, value } of accounts) {
    const owners = await store.read('ownersOf', { appId, kind, value })
    if (owners.length > 0) return owners
  }
  return []
}

async function ownerToMend(deps: ConsentDeps, app: string, owners: string[]): Promise<string | undefined> {
  for (const name of owners.length > 1 ? owners : []) {
    const tenant = await deps.store.read('findTenant', { name })
    if (tenant?.connections.some(connection => connection.app === app && connection.state !== 'active')) return name
  }
  return owners[0]
}
