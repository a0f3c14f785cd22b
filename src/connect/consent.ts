import { createHash } from 'node:crypto'
import { appHosts } from '../core/app-hosts.ts'
import { isKeyOnly } from '../core/credentials-definition.ts'
import type { Hosts, ProviderDefinition, SecretName } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { Slots } from '../core/fill-text.ts'
import type { HttpCall } from '../net/call.ts'
import type { App, ClearSecret } from '../store/app-ops.ts'
import type { Consent, ConsentOutcome, ConsentWish } from '../store/consent-ops.ts'
import type { Store } from '../store/store.ts'
import { askedSlots, type SlotsQuestion } from './ask-slots.ts'
import type { AccountAnswer, AccountsQuestion } from './choose.ts'
import { linkUrl } from './redirect.ts'
import { appSlots } from './slots.ts'
import { checkedWish } from './wish.ts'

/** Everything that a consent needs of the world, from the first page to the last write. */
export interface ConsentDeps {
  store: Store
  /** Our own calls to the provider: token endpoint, proof, revoking. */
  http: HttpCall
  /** @throws WhsError where there is none */
  definitionOf(provider: string): ProviderDefinition
  /** The valid secrets of an app, newest first; none where this process cannot see them. */
  secretsOf(app: { id: number; name: string }, name: SecretName): Promise<ClearSecret[]>
  clientIdOf(app: App): string | null
  /** The settings of an app, with the definition's own values where none is stored. */
  settingsOf(app: App): Record<string, string>
  now(): number
  randomBytes(size: number): Uint8Array
  /** Asks the person at the terminal which tenant an account is; without it a taken name gets a number. */
  askTenant?(question: TenantQuestion): Promise<string>
  /** Asks what must be known before the consent; without it that is an error. */
  askSlots?(question: SlotsQuestion): Promise<Record<string, string>>
  /** Asks which of several accounts are meant, or whether one that only a person can vouch for is right. */
  askAccounts?(question: AccountsQuestion): Promise<AccountAnswer[]>
  /** Called once, in the process that finished or failed a consent, after it is stored. */
  onOutcome?(ended: EndedConsent): void
  /** A browser came back with what ends no consent, in a sentence. */
  onOdd?(what: string): void
}

/** The account's name would give a tenant id that somebody else has. */
export interface TenantQuestion {
  app: string
  account: { kind: string; value: string; name: string | null }
  /** The id that is taken already. */
  taken: string
}
export interface EndedConsent {
  app: string
  wish: ConsentWish
  outcome: ConsentOutcome
}

/** A consent with what its app says, all that its steps work with. */
export interface ConsentContext {
  consent: Consent
  app: App
  definition: ProviderDefinition
  hosts: Hosts
  /** Client id, settings, and what was asked before. */
  slots: Slots
}

export interface ConsentRequest {
  app: string
  /** Where the provider sends the browser back to (`redirectUri`). */
  redirect: string
  wish: Omit<ConsentWish, 'asks'>
  /** Instead of the definition's. */
  scopes: string[] | null
  /** For how long the link can be begun and finished. */
  lifeMs: number
}

/** A link that somebody may open once. `link` is secret; the store knows its hash alone. */
export interface MadeLink {
  link: string
  url: string
  expiresAt: number
}

const linkBytes = 20

/**
 * Makes a consent and its one-time link, whose page is on the origin of the redirect. What the definition asks for is
 * asked here, before anybody is sent anywhere.
 * @throws WhsError `no-app`, `no-client-id` (exit 3), `no-consent-here` (exit 2), those of `appHosts`, `checkedWish` and `askedSlots` (exit 2)
 */
export async function beginConsent(deps: ConsentDeps, request: ConsentRequest): Promise<MadeLink> {
  const app = await mustFindApp(deps, request.app)
  const definition = deps.definitionOf(app.provider)
  if (isKeyOnly(definition)) throw noConsent(definition, app.name)
  appHosts(definition, app)
  clientIdOf(deps, app)
  const wish = checkedWish(deps, definition, app.name, request.wish)
  const slots = await askedSlots(deps, definition, app.name, wish)
  const link = randomText(deps, linkBytes)
  const expiresAt = deps.now() + request.lifeMs
  await deps.store.write('makeConsent', {
    linkHash: hashOf(link),
    app: app.name,
    wish: { ...wish, slots },
    redirectUri: request.redirect,
    scopes: request.scopes ?? definition.oauth.scopes,
    expiresAt,
  })
  return { link, url: linkUrl(request.redirect, link), expiresAt }
}

function noConsent({ name }: ProviderDefinition, app: string): WhsError {
  const why = 'its tenants give a key, which they make there'
  const next = `whs connect ${app} --tenant acme --key -`
  return new WhsError({ code: 'no-consent-here', exit: exits.usage, what: `${name} has no consent`, why, next })
}

/** @throws WhsError `no-app` (exit 3) */
export async function mustFindApp({ store }: Pick<ConsentDeps, 'store'>, name: string): Promise<App> {
  const app = await store.read('findApp', { name })
  if (app) return app
  throw new WhsError({
    code: 'no-app',
    exit: exits.missing,
    what: `there is no app ${name}`,
    why: 'no OAuth App of that name is set up here',
    next: `whs app add ${name}`,
  })
}

/** @throws WhsError `no-client-id` (exit 3) */
export function clientIdOf(deps: Pick<ConsentDeps, 'clientIdOf'>, app: App): string {
  const clientId = deps.clientIdOf(app)
  if (clientId) return clientId
  throw new WhsError({
    code: 'no-client-id',
    exit: exits.missing,
    what: `the app ${app.name} has no client id`,
    why: 'a consent begins with it',
    next: `whs app set ${app.name} --client-id <id>`,
  })
}

/** @throws WhsError `no-app` and those of `appHosts` */
export async function contextOf(deps: ConsentDeps, consent: Consent): Promise<ConsentContext> {
  const app = await mustFindApp(deps, consent.app)
  const definition = deps.definitionOf(app.provider)
  const slots = { ...consent.wish.slots, ...appSlots(deps, app) }
  return { consent, app, definition, hosts: appHosts(definition, app), slots }
}

/** How links, states and cookies are stored: SHA-256, in hex. They are random, so no salt is needed. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Random bytes as text for URLs and cookies. */
export function randomText({ randomBytes }: Pick<ConsentDeps, 'randomBytes'>, bytes: number): string {
  return Buffer.from(randomBytes(bytes)).toString('base64url')
}
