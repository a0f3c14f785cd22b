import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { ConsentWish } from '../store/consent-ops.ts'
import { againCommand } from './again-command.ts'
import type { ConsentDeps } from './consent.ts'

/**
 * Whether nothing but a person can vouch for the account: it came through the browser or was typed, and no call with the
 * tenant's own token or the provider's signature proves it. Such an account is never taken from another tenant.
 */
export function isPersonsWord({ identity, oauth }: ProviderDefinition): boolean {
  if (oauth.callbackSignature && identity.from === 'callback') return false
  if (identity.prove) return identity.prove.by === 'app'
  return identity.from === 'callback' || identity.from === 'ask'
}

/** Whether a person must name the account or confirm it; what was typed before the consent is named already. */
export function mustBeNamed(definition: ProviderDefinition): boolean {
  return isPersonsWord(definition) && definition.identity.from !== 'ask'
}

/** In place of an account: all that the consent gives are the tenant's. */
export const everyAccount = '*'

/** Whether the wish names accounts, so that there is nothing to choose. */
export function namesAccounts({ tenants, accounts }: Pick<ConsentWish, 'tenants' | 'accounts'>): boolean {
  return accounts.length > 0 || tenants.some(({ account }) => account !== null)
}

/**
 * The wish with whether the waiting process is the only one that may finish it, since a person there can be asked.
 * @throws WhsError `each-and-tenant`, `which-tenant`, `name-the-account` (exit 2)
 */
export function checkedWish(
  { askTenant, askAccounts }: Pick<ConsentDeps, 'askTenant' | 'askAccounts'>,
  definition: ProviderDefinition,
  app: string,
  wish: Omit<ConsentWish, 'asks'>,
): ConsentWish {
  const { tenants, each } = wish
  const plain = tenants.filter(({ account }) => account === null)
  if (each && plain.length > 0) {
    const why = 'with --each every account is a tenant of its own'
    throw wrong('each-and-tenant', '--each and --tenant exclude each other', why, `whs connect ${app} --each`)
  }
  if (plain.length > 1) {
    const names = plain.map(({ tenant }) => tenant)
    const next = `whs connect ${app} ${names.map(name => `--tenant ${name}=<account>`).join(' ')}`
    throw wrong(
      'which-tenant',
      `${names.join(' and ')} cannot both be meant`,
      'it is not said whose account is whose',
      next,
    )
  }
  const isNamed = namesAccounts(wish)
  const takesAny = tenants.some(({ account }) => account === everyAccount)
  if (mustBeNamed(definition) && (takesAny || (!isNamed && !askAccounts))) throw nameTheAccount(definition, app, wish)
  const confirms = mustBeNamed(definition) && !isNamed
  const chooses = definition.identity.items !== undefined && !isNamed && !each && askAccounts !== undefined
  return { ...wish, asks: confirms || chooses || (tenants.length === 0 && askTenant !== undefined) }
}

/** Only a person can vouch for the account, and nobody is there to be asked. */
export function nameTheAccount(
  { name, company, accounts }: ProviderDefinition,
  app: string,
  wish: Omit<ConsentWish, 'asks'>,
): WhsError {
  const word = accounts[0]?.word ?? 'account'
  const tenants = wish.tenants.map(({ tenant }) => ({ tenant, account: null }))
  return wrong(
    'name-the-account',
    `which account of ${name} is meant must be said`,
    `${company} gives no token that could prove the ${word} which the browser brings`,
    againCommand({ app, wish: { ...wish, tenants, accounts: [`<${word}>`] } }),
  )
}

function wrong(code: string, what: string, why: string, next: string): WhsError {
  return new WhsError({ code, exit: exits.usage, what, why, next })
}
