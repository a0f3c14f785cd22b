import { exits, WhsError } from '../core/errors.ts'
import { didYouMean } from '../core/text.ts'
import type { App } from '../store/app-ops.ts'
import type { Store } from '../store/store.ts'
import type { Tenant } from '../store/tenant-ops.ts'

/** A tenant with its account at an app: kind → value, of several the first. */
export interface TriggerTenant {
  name: string
  accounts: Record<string, string>
}

/**
 * The tenants named, with what a sample must say to be theirs; without a name the only one that has an account there.
 * @throws WhsError `no-tenant` (5), `no-account` (3), `which-tenant` (2)
 */
export async function tenantsFor(store: Store, app: App, names: string[]): Promise<TriggerTenant[]> {
  const all = await store.read('listTenants')
  const there = all.map(tenant => withAccounts(tenant, app)).filter(({ accounts }) => Object.keys(accounts).length > 0)
  if (names.length > 0) return names.map(name => named(name, there, all, app))
  if (there.length === 1) return there
  const list = there.map(({ name }) => name)
  if (list.length === 0) throw noAccount(app, `no tenant has an account at ${app.name}`, 'acme')
  throw new WhsError({
    code: 'which-tenant',
    exit: exits.usage,
    what: `${app.name} has ${list.length} tenants`,
    why: `say for whom: ${list.slice(0, 20).join(', ')}`,
    next: `whs trigger ${app.name} --tenant ${list[0]}`,
  })
}

function withAccounts({ name, accounts }: Tenant, app: App): TriggerTenant {
  const own = accounts.filter(account => account.app === app.name).reverse()
  return { name, accounts: Object.fromEntries(own.map(({ kind, value }) => [kind, value])) }
}

function named(name: string, there: TriggerTenant[], all: Tenant[], app: App): TriggerTenant {
  const found = there.find(tenant => tenant.name === name)
  if (found) return found
  if (all.some(tenant => tenant.name === name)) throw noAccount(app, `${name} has no account at ${app.name}`, name)
  const near = didYouMean(
    name,
    all.map(tenant => tenant.name),
  )
  throw new WhsError({
    code: 'no-tenant',
    exit: exits.unknown,
    what: `there is no tenant ${name}`,
    why: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'a tenant comes into being by connect or map',
    next: 'whs tenants',
  })
}

function noAccount(app: App, what: string, tenant: string): WhsError {
  return new WhsError({
    code: 'no-account',
    exit: exits.missing,
    what,
    why: 'a sample is made for a connected account',
    next: `whs connect ${app.name} --tenant ${tenant}`,
  })
}
