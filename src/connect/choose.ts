import { normaliseAccount } from '../core/account.ts'
import type { AccountKind } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { againCommand } from './again-command.ts'
import type { ConsentContext, ConsentDeps } from './consent.ts'
import type { Identified } from './identify.ts'
import { namedTenant, ownersOf, planTenant, slugFor, type TenantPlan } from './plan-tenant.ts'
import { everyAccount, isPersonsWord, mustBeNamed, namesAccounts, nameTheAccount } from './wish.ts'

/** Which of the accounts that a consent gave are meant, and whose they are. */
export interface AccountsQuestion {
  app: string
  /** `confirm`: no call proves them, so only a person can say that they are right. */
  why: 'several' | 'confirm'
  /** What an account is, in the provider's words: `company`, `realmId`. */
  noun: string
  word: string
  /** The tenant that was named, whose they will be unless the answer says otherwise. */
  tenant: string | null
  accounts: OfferedAccount[]
}
export interface OfferedAccount {
  kind: string
  value: string
  name: string | null
  /** Whose it is already. */
  owners: string[]
  /** The tenant id that it would get. */
  suggested: string
}
export interface AccountAnswer {
  value: string
  /** Null: the named tenant, else the one that has it already, else the suggested one. */
  tenant: string | null
}

/** An account that is taken, and for whom. */
export interface Choice {
  tenant: TenantPlan
  identity: Identified
}

/**
 * Chooses among the accounts of a consent: those that the wish names; all of them with `each`; the only one; what a person
 * answers; or all, where each belongs to somebody already, to the named tenant where there is one. Never guesses else.
 * @throws WhsError `account-not-wished`, `nothing-chosen`, `account-taken` (exit 4), `which-account`, `name-the-account`,
 * `bad-tenant` (exit 2)
 */
export async function chooseAccounts(
  deps: ConsentDeps,
  context: ConsentContext,
  identities: Identified[],
): Promise<Choice[]> {
  const choices = await choose(deps, context, identities)
  if (isPersonsWord(context.definition)) for (const choice of choices) await refuseTaken(deps, context, choice)
  return choices
}

async function choose(deps: ConsentDeps, context: ConsentContext, identities: Identified[]): Promise<Choice[]> {
  const { consent, definition, app } = context
  const { wish } = consent
  const plain = wish.tenants.find(({ account }) => account === null)?.tenant ?? null
  const plan = async (identity: Identified): Promise<Choice> => ({
    tenant: plain === null ? await planTenant(deps, context, identity) : { name: plain },
    identity,
  })
  if (namesAccounts(wish)) return named(context, identities, plan)
  const confirm = mustBeNamed(definition)
  if (!confirm && (identities.length === 1 || wish.each)) return inTurn(identities, plan)
  if (deps.askAccounts && wish.asks)
    return asked(deps, context, identities, { why: confirm ? 'confirm' : 'several', plain })
  if (confirm) throw nameTheAccount(definition, app.name, wish)
  const owners = await inTurn(identities, identity => ownersOf(deps, app.id, identity))
  const isKnown = (names: string[]): boolean => (plain === null ? names.length > 0 : names.includes(plain))
  if (owners.every(isKnown)) return inTurn(identities, plan)
  throw whichAccount(context, identities)
}

async function inTurn<Made>(identities: Identified[], make: (one: Identified) => Promise<Made>): Promise<Made[]> {
  const made: Made[] = []
  for (const identity of identities) made.push(await make(identity))
  return made
}

/** Those that the wish names, each for the tenant that it is named with. */
async function named(
  { consent, definition, app }: ConsentContext,
  identities: Identified[],
  plan: (identity: Identified) => Promise<Choice>,
): Promise<Choice[]> {
  const { tenants, accounts, each } = consent.wish
  const pairs = tenants.filter(({ account }) => account !== null)
  const takesRest = accounts.length > 0 || each || pairs.length < tenants.length
  const choices: Choice[] = []
  for (const identity of identities) {
    const fits = (typed: string): boolean => isNamed(definition.accounts, identity, typed)
    if (accounts.length > 0 && !accounts.some(fits)) continue
    const own = pairs.filter(({ account }) => account === everyAccount || fits(account ?? ''))
    for (const { tenant } of own) choices.push({ tenant: { name: tenant }, identity })
    if (own.length === 0 && takesRest) choices.push(await plan(identity))
  }
  if (choices.length > 0) return choices
  const wanted = [...accounts, ...pairs.map(({ account }) => account)]
  throw new WhsError({
    code: 'account-not-wished',
    exit: exits.consent,
    what: `another account was chosen: ${identities.map(one => shown(definition, one)).join(', ')}`,
    why: `only ${wanted.join(', ')} was to be connected`,
    next: `${againCommand({ app: app.name, wish: consent.wish })}   (and choose ${wanted.join(' or ')} there)`,
  })
}

/** Whether a typed account (`9341…`, `realm:9341…`) is one of an identity's. */
function isNamed(kinds: AccountKind[], { accounts }: Identified, typed: string): boolean {
  return accounts.some(({ kind, value }) => {
    const normalise = kinds.find(one => one.kind === kind)?.normalise ?? 'text'
    const texts = typed.startsWith(`${kind}:`) ? [typed, typed.slice(kind.length + 1)] : [typed]
    return texts.some(text => normaliseAccount(normalise, text) === value)
  })
}

async function asked(
  deps: ConsentDeps,
  context: ConsentContext,
  identities: Identified[],
  { why, plain }: { why: AccountsQuestion['why']; plain: string | null },
): Promise<Choice[]> {
  const { app, definition } = context
  const offered = await inTurn(identities, async identity => {
    const [{ kind, value }] = identity.accounts
    const owners = await ownersOf(deps, app.id, identity)
    const suggested = plain ?? owners[0] ?? (await freeSlug(deps, slugFor(app.name, identity)))
    return { kind, value, name: identity.name, owners, suggested }
  })
  const { noun, word } = definition.accounts.find(({ kind }) => kind === offered[0]?.kind) as AccountKind
  const question = { app: app.name, why, noun, word, tenant: plain, accounts: offered }
  const answers = (await deps.askAccounts?.(question)) ?? []
  const choices: Choice[] = []
  for (const { value, tenant } of answers) {
    const identity = identities.find(one => one.accounts[0].value === value)
    if (!identity) continue
    const name = tenant ?? plain
    choices.push({
      tenant: name === null ? await planTenant(deps, context, identity, false) : namedTenant(app.name, name),
      identity,
    })
  }
  if (choices.length > 0) return choices
  throw new WhsError({
    code: 'nothing-chosen',
    exit: exits.consent,
    what: `no ${noun} was chosen, so nothing is connected`,
    why: `the consent gave ${identities.map(one => shown(definition, one)).join(', ')}`,
    next: `whs connect ${app.name}`,
  })
}

async function freeSlug({ store }: ConsentDeps, slug: string): Promise<string> {
  for (let count = 1; ; count++) {
    const name = count === 1 ? slug : `${slug}-${count}`
    if ((await store.read('findTenant', { name })) === null) return name
  }
}

function shown({ accounts: kinds }: ConsentContext['definition'], { accounts, name }: Identified): string {
  const [{ kind, value }] = accounts
  const text = `${kinds.find(one => one.kind === kind)?.word ?? kind} ${value}`
  return name === null || name === value ? text : `${name} (${text})`
}

function whichAccount({ app, definition, consent }: ConsentContext, identities: Identified[]): WhsError {
  const named = consent.wish.tenants[0]?.tenant ?? 'acme'
  const tenants = identities.map(({ accounts: [{ value }] }, index) => ({
    tenant: index === 0 ? named : '<id>',
    account: value,
  }))
  const again = againCommand({ app: app.name, wish: { ...consent.wish, tenants } })
  return new WhsError({
    code: 'which-account',
    exit: exits.usage,
    what: `the consent gave ${identities.length} accounts of ${definition.name}, and it is not said which are meant`,
    why: identities.map(one => shown(definition, one)).join(', '),
    next: `${again}   (or: --tenant '${named}=*' for all of them, --each for a tenant each)`,
  })
}

/** What only a person vouches for is never taken from (or shared with) another tenant. */
async function refuseTaken(
  deps: ConsentDeps,
  { app, definition }: ConsentContext,
  { tenant, identity }: Choice,
): Promise<void> {
  const owners = await ownersOf(deps, app.id, identity)
  if (owners.length === 0 || ('name' in tenant && owners.includes(tenant.name))) return
  throw new WhsError({
    code: 'account-taken',
    exit: exits.consent,
    what: `${shown(definition, identity)} is not connected`,
    why: `it belongs to ${owners.join(', ')}, and ${definition.company} gives no token that proves it for somebody else`,
    next: `whs tenants disconnect ${owners[0]} --app ${app.name}   (then connect again)`,
  })
}
