import { appHosts } from '../core/app-hosts.ts'
import { keyIdentity } from '../core/credentials-definition.ts'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { ConnectionResult, Consent, ConsentWish } from '../store/consent-ops.ts'
import { askedSlots } from './ask-slots.ts'
import { keyCommand } from './broken.ts'
import { secretSlotsOf } from './call-place.ts'
import { chooseAccounts } from './choose.ts'
import { type ConsentContext, type ConsentDeps, mustFindApp } from './consent.ts'
import { claimedIdentities, type Identified, providedIdentities } from './identify.ts'
import { proveIdentity } from './prove.ts'
import { accessSlots, appSlots } from './slots.ts'
import { checkedWish } from './wish.ts'

export interface KeyWish {
  app: string
  wish: Omit<ConsentWish, 'asks'>
  /** In clear, on its way into the store. */
  key: string
}

/**
 * Connects by a key that a person made at the provider. A call with it proves it and says whose it is; without such a call
 * nothing is believed.
 * @throws WhsError `no-key-here` (exit 2), `key-refused` (exit 4), those of `askedSlots`, `chooseAccounts` and the calls
 */
export async function connectByKey(
  deps: ConsentDeps,
  { app: name, wish: asked, key }: KeyWish,
): Promise<ConnectionResult[]> {
  const app = await mustFindApp(deps, name)
  const definition = keyed(deps.definitionOf(app.provider), app.name)
  const wish = checkedWish(deps, definition, app.name, asked)
  const slots = await askedSlots(deps, definition, app.name, wish)
  const consent = noConsent(app.name, { ...wish, slots }, deps.now())
  const hosts = appHosts(definition, app)
  const context: ConsentContext = { consent, app, definition, hosts, slots: { ...slots, ...appSlots(deps, app) } }
  const { from, prove } = definition.identity
  const secrets = [typeof from === 'object' ? from : undefined, prove?.call].map(async call =>
    call ? await secretSlotsOf(deps, { app, definition }, call) : {},
  )
  const filled = {
    ...context.slots,
    ...Object.assign({}, ...(await Promise.all(secrets))),
    token: key,
    ...accessSlots(key),
  }
  const filling = { hosts, slots: filled }
  const choices = await refusedAs(keyCommand({ app: app.name, tenant: wish.tenants[0]?.tenant ?? null }), async () => {
    const reply = Buffer.from('{}')
    const claimed = claimedIdentities(context, new URLSearchParams())
    const identities = claimed ?? (await providedIdentities(deps, context, { reply, filling }))
    const proved: Identified[] = []
    for (const identity of identities) proved.push(await proveIdentity(deps, context, identity, filling))
    return chooseAccounts(deps, context, proved)
  })
  return deps.store.write('finishConsent', {
    linkHash: null,
    app: app.name,
    claim: wish.claim,
    release: wish.release,
    identities: choices.map(({ tenant, identity }) => ({
      tenant,
      accounts: identity.accounts,
      slots: { ...slots, ...identity.slots },
    })),
    scopes: [],
    access: key,
    refresh: null,
    accessExpiresAt: null,
    refreshExpiresAt: null,
  })
}

/** The definition with where the accounts of a key come from. @throws WhsError `no-key-here` */
function keyed(definition: ProviderDefinition, app: string): ProviderDefinition {
  if (definition.credentials) return { ...definition, identity: keyIdentity(definition) }
  throw new WhsError({
    code: 'no-key-here',
    exit: exits.usage,
    what: `${definition.name} takes no key in place of a consent`,
    why: 'its definition says nothing of one (credentials)',
    next: `whs connect ${app}`,
  })
}

/** What the steps of a consent look at, where there is none. */
function noConsent(app: string, wish: ConsentWish, now: number): Consent {
  const nothing = { cookieHash: null, stateHash: null, outcome: null }
  return {
    linkHash: '',
    app,
    state: 'exchanging',
    wish,
    redirectUri: '',
    scopes: [],
    createdAt: now,
    expiresAt: now,
    ...nothing,
  }
}

/** A refused proof says that it is the key, and how another one is given. */
async function refusedAs<T>(next: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const codes = ['identity-refused', 'proof-refused']
    if (!(error instanceof WhsError) || !codes.includes(error.code)) throw error
    const { message, why = '' } = error
    throw new WhsError({
      code: 'key-refused',
      exit: exits.consent,
      what: 'the key is not taken',
      why: `${message}: ${why}`,
      next,
    })
  }
}
