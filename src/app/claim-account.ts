import { checkedTenantId } from '../connect/tenant-id.ts'
import { exits, WhsError } from '../core/errors.ts'
import { shellWord } from '../core/shell-word.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { Released } from '../store/mapping-ops.ts'
import { accountValue } from './account-value.ts'
import type { App } from './app.ts'

/** Whose an account is from now on, without a consent. */
export interface AccountClaim {
  /** The app's name, or its provider. */
  app: string
  /** As it was typed: `[kind:]value`. */
  account: string
  tenant: string
  /** Releases what was parked for it. */
  release: boolean
  /** Also where it is somebody else's: each gets its events then. */
  share: boolean
}
export interface ClaimedAccount {
  stored: StoredApp
  kind: string
  value: string
  /** Whose it was, and still is. */
  others: string[]
  /** There was no tenant of that name yet. */
  isNew: boolean
  released: Released
}

/**
 * Gives an account to a tenant, which is made where there is none of that name.
 * @throws WhsError `bad-tenant`, `bad-account`, `account-taken` (exit 2), and those of `findApp`
 */
export async function claimAccount(app: App, claim: AccountClaim): Promise<ClaimedAccount> {
  const { account, tenant, release, share } = claim
  checkedTenantId(tenant, `whs tenants map <tenant> --app ${claim.app} --account ${shellWord(account)}`)
  const stored = await app.findApp(claim.app)
  const definition = app.definitionOf(stored.provider)
  const { kind, value } = accountValue(definition, account)
  const store = app.store()
  const owners = await store.read('ownersOf', { appId: stored.id, kind, value })
  const others = owners.filter(name => name !== tenant)
  const word = definition.accounts.find(one => one.kind === kind)?.word ?? 'account'
  if (others.length > 0 && !owners.includes(tenant) && !share) throw taken(`${word} ${value}`, others, claim)
  const isNew = (await store.read('findTenant', { name: tenant })) === null
  const released = await store.write('mapAccount', { app: stored.name, kind, value, tenant, release })
  return { stored, kind, value, others, isNew, released }
}

function taken(named: string, others: string[], { app, account, tenant }: AccountClaim): WhsError {
  const line = `${shellWord(tenant)} --app ${app} --account ${shellWord(account)}`
  return new WhsError({
    code: 'account-taken',
    exit: exits.usage,
    what: `${named} is not mapped to ${tenant}`,
    why: `it belongs to ${others.join(', ')}, and an account is never shared silently`,
    next: `whs tenants map ${line} --share   (each gets its events; or first whs tenants unmap ${others[0]} …)`,
  })
}
