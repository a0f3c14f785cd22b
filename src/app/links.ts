import { beginConsent, type ConsentDeps, hashOf, type MadeLink } from '../connect/consent.ts'
import { endWith } from '../connect/finish.ts'
import { redirectUri } from '../connect/redirect.ts'
import { everyAccount } from '../connect/wish.ts'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { ConsentWish } from '../store/consent-ops.ts'
import type { App } from './app.ts'
import { tellSimulator } from './simulator-portal.ts'

/** A link that was made for somebody else and is not used up. Its secret part is known to nobody but who was given it. */
export interface OpenLink {
  id: string
  app: string
  tenants: string[]
  state: 'open' | 'begun'
  createdAt: number
  expiresAt: number
}

export interface LinkRequest {
  app: StoredApp
  wish: Omit<ConsentWish, 'asks'>
  scopes: string[] | null
  lifeMs: number
}

/**
 * Makes a link for a tenant to open later; the running listener takes the consent.
 * @throws WhsError `no-listener` (exit 3), `link-is-local` (exit 2) where the redirect URI leads to this machine only
 */
export async function makeLink(app: App, deps: ConsentDeps, request: LinkRequest): Promise<MadeLink & { id: string }> {
  const store = app.store()
  const listener = store.isListening() ? await store.read('readListener') : null
  if (!listener?.port) {
    const why = 'the link leads to the door of the listener, which takes the consent'
    throw new WhsError({ code: 'no-listener', exit: exits.missing, what: 'nobody listens', why, next: 'whs listen' })
  }
  const publicUrl = listener.publicUrl.startsWith('https:') ? listener.publicUrl : null
  const redirect = redirectUri(app.definitionOf(request.app.provider), request.app, { port: listener.port, publicUrl })
  if (!redirect.startsWith('https:') && request.app.env !== 'simulator') {
    throw new WhsError({
      code: 'link-is-local',
      exit: exits.usage,
      what: `a link of ${request.app.name} can be opened on this machine only`,
      why: `its redirect URI is ${redirect}`,
      next: `whs connect ${request.app.name}`,
    })
  }
  await tellSimulator(app, request.app, { redirectUris: [redirect] })
  const { scopes, lifeMs } = request
  const wish = { ...request.wish, tenants: takingAll(app.definitionOf(request.app.provider), request.wish.tenants) }
  const made = await beginConsent(deps, { app: request.app.name, redirect, wish, scopes, lifeMs })
  return { ...made, id: linkId(hashOf(made.link)) }
}

/** What the person who opens a link consents to is all the one named tenant's: nobody else can be asked later. */
function takingAll({ identity }: ProviderDefinition, tenants: ConsentWish['tenants']): ConsentWish['tenants'] {
  const [only, ...others] = tenants
  const isOpen = identity.items !== undefined && only?.account === null && others.length === 0
  return isOpen ? [{ tenant: only.tenant, account: everyAccount }] : tenants
}

export async function openLinks(app: App): Promise<OpenLink[]> {
  const consents = await app.store().read('openConsents')
  return consents.map(consent => ({
    id: linkId(consent.linkHash),
    app: consent.app,
    tenants: consent.wish.tenants.map(({ tenant }) => tenant),
    state: consent.state as OpenLink['state'],
    createdAt: consent.createdAt,
    expiresAt: consent.expiresAt,
  }))
}

/** Ends a link, so that nobody can begin or finish it. @throws WhsError `no-link` (exit 5) */
export async function revokeLink(app: App, deps: ConsentDeps, id: string): Promise<void> {
  const consent = (await app.store().read('openConsents')).find(one => linkId(one.linkHash) === id)
  if (!consent) {
    const why = 'it was used, has expired, or never was'
    throw new WhsError({
      code: 'no-link',
      exit: exits.unknown,
      what: `there is no open link ${id}`,
      why,
      next: 'whs links',
    })
  }
  const failure = { code: 'link-revoked', what: 'the link was revoked', why: null, next: null, exit: exits.consent }
  await endWith(deps, consent, failure, ['open', 'begun'])
}

/** A link is named by the hash of its secret, which leads nobody to the secret. */
function linkId(linkHash: string): string {
  return `lnk_${linkHash.slice(0, 10).toUpperCase()}`
}
