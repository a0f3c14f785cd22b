import { exits, WhsError } from '../core/errors.ts'
import { didYouMean, safeText } from '../core/text.ts'
import type { Tenant } from '../store/tenant-ops.ts'
import type { App } from './app.ts'

/** The tenant of that name; `next` is what to type otherwise. @throws WhsError `no-tenant` (exit 5) */
export async function knownTenant(app: App, name: string, next = 'whs tenants'): Promise<Tenant> {
  const tenant = await app.store().read('findTenant', { name })
  if (tenant) return tenant
  const near = await nearTenants(app, name)
  throw new WhsError({
    code: 'no-tenant',
    exit: exits.unknown,
    what: `there is no tenant ${safeText(name)}`,
    why: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'a tenant comes into being by connect or map',
    next,
  })
}

/** Tenants that a mistyped name may have meant. */
export async function nearTenants(app: App, name: string): Promise<string[]> {
  const all = await app.store().read('listTenants')
  return didYouMean(
    name,
    all.map(one => one.name),
  )
}
