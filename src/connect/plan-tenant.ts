import { isTenantId, slugOf } from '../core/account.ts'
import { exits, WhsError } from '../core/errors.ts'
import { safeText } from '../core/text.ts'
import type { NewConnection, ProvedAccount } from '../store/connection-ops.ts'
import type { ConsentWish } from '../store/consent-ops.ts'
import type { ConsentContext, ConsentDeps } from './consent.ts'

/**
 * Whose a proved account will be: the tenant of the wish; else the one that it belongs to already, so that connecting
 * again mends (of several the one whose connection is not in order); else one named after the account, where a name
 * that is taken is asked about or gets a number, never merged silently.
 * @throws WhsError `account-not-wished` (exit 4), `bad-tenant` (exit 2)
 */
export async function planTenant(
  deps: ConsentDeps,
  context: ConsentContext,
  account: ProvedAccount,
): Promise<NewConnection['tenant']> {
  const { consent, app } = context
  const wished = wishedTenant(consent.wish, account, app.name)
  if (wished) return { name: wished }
  const owners = await deps.store.read('ownersOf', { appId: app.id, kind: account.kind, value: account.value })
  const mendable = await ownerToMend(deps, app.name, owners)
  if (mendable) return { name: mendable }
  const slug = slugOf(account.name ?? `${app.name} ${account.value}`)
  const taken = (await deps.store.read('findTenant', { name: slug })) !== null
  if (!taken || !deps.askTenant) return { slug }
  const { kind, value, name } = account
  const answer = await deps.askTenant({ app: app.name, account: { kind, value, name }, taken: slug })
  if (isTenantId(answer)) return { name: answer }
  throw new WhsError({
    code: 'bad-tenant',
    exit: exits.usage,
    what: `"${safeText(answer)}" is no tenant id`,
    why: 'a tenant id begins with a letter or digit and has at most 64 of A-Z a-z 0-9 . _ : @ -',
    next: `whs connect ${app.name} --tenant <id>`,
  })
}

function wishedTenant({ tenants, accounts }: ConsentWish, account: ProvedAccount, app: string): string | undefined {
  const fits = tenants.find(wish => wish.account === account.value) ?? tenants.find(wish => wish.account === null)
  const named = [...accounts, ...tenants.flatMap(wish => wish.account ?? [])]
  const refused = accounts.length > 0 ? !accounts.includes(account.value) : tenants.length > 0 && !fits
  if (!refused) return fits?.tenant
  throw new WhsError({
    code: 'account-not-wished',
    exit: exits.consent,
    what: `another account was chosen: ${account.name ?? account.value} (${account.kind} ${account.value})`,
    why: `only ${named.join(', ')} was to be connected`,
    next: `whs connect ${app}, and choose that one`,
  })
}

async function ownerToMend(deps: ConsentDeps, app: string, owners: string[]): Promise<string | undefined> {
  for (const name of owners.length > 1 ? owners : []) {
    const tenant = await deps.store.read('findTenant', { name })
    if (tenant?.connections.some(connection => connection.app === app && connection.state !== 'active')) return name
  }
  return owners[0]
}
