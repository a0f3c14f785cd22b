import { awaitConsent } from '../connect/await-consent.ts'
import { beginConsent, type ConsentDeps, type MadeLink } from '../connect/consent.ts'
import { consentRoutes } from '../connect/consent-routes.ts'
import { type DoorAddress, needsPublicRedirect, redirectUri } from '../connect/redirect.ts'
import { openDoor } from '../net/door.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { ConsentOutcome, ConsentWish } from '../store/consent-ops.ts'
import { openTunnel, type TunnelOptions } from '../tunnel/tunnel.ts'
import type { App } from './app.ts'
import { tellSimulator } from './simulator-portal.ts'

export interface ConnectOptions {
  app: StoredApp
  wish: Omit<ConsentWish, 'asks'>
  scopes: string[] | null
  timeoutMs: number
  /** Of the door that is opened where nobody listens yet. */
  port: number
  /** Asked for only where the redirect must be public and nobody listens yet. */
  tunnel(): Promise<Omit<TunnelOptions, 'port' | 'onChange' | 'onLostForGood'>>
  signal: AbortSignal
  /** The link is ready: open or print it. */
  onLink(link: MadeLink): Promise<void> | void
  /** The browser was sent on to the provider. */
  onGone?(company: string): void
}

/**
 * Lets a tenant authorise: through the door of the running listener, else through one of our own that is open until
 * this is done. Ends with the consent's outcome, whichever process finished it.
 * @throws WhsError exit 2, 3, 6, 7 where it cannot begin
 */
export async function connect(app: App, deps: ConsentDeps, options: ConnectOptions): Promise<ConsentOutcome> {
  const { address, close } = await doorway(app, deps, options)
  try {
    const definition = app.definitionOf(options.app.provider)
    const redirect = redirectUri(definition, options.app, address)
    await tellSimulator(app, options.app, { redirectUris: [redirect] })
    const { wish, scopes, timeoutMs, signal } = options
    const made = await beginConsent(deps, { app: options.app.name, redirect, wish, scopes, lifeMs: timeoutMs })
    await options.onLink(made)
    const onGone = (): void => options.onGone?.(definition.company)
    return await awaitConsent(deps, made.link, { timeoutMs, signal, onGone })
  } finally {
    await close()
  }
}

interface Doorway {
  address: DoorAddress
  close(): Promise<void>
}

async function doorway(app: App, deps: ConsentDeps, options: ConnectOptions): Promise<Doorway> {
  const store = app.store()
  if (store.isListening()) {
    const row = await store.read('readListener')
    if (row && row.port > 0) {
      const publicUrl = row.publicUrl.startsWith('https:') ? row.publicUrl : null
      return { address: { port: row.port, publicUrl }, close: async () => undefined }
    }
  }
  return ownDoor(app, deps, options)
}

/** A door for consents alone: deliveries are asked to come again, since nobody here would relay them. */
async function ownDoor(app: App, deps: ConsentDeps, options: ConnectOptions): Promise<Doorway> {
  const isPublic = needsPublicRedirect(app.definitionOf(options.app.provider), options.app.env)
  const tunnelled = isPublic ? await options.tunnel() : undefined
  const later = async () => ({ status: 503, headers: { 'retry-after': '30' }, body: 'whs is not listening yet.\n' })
  const door = await openDoor({
    port: options.port,
    routes: consentRoutes(deps),
    raw: { prefix: '/hooks/', maxBytes: 1_048_576, maxQueuedBytes: 8_388_608, handle: later },
  })
  if (!tunnelled) return { address: { port: door.port, publicUrl: null }, close: () => door.close() }
  try {
    const tunnel = await openTunnel({ ...tunnelled, port: door.port, onChange: () => undefined })
    const close = async (): Promise<void> => {
      await tunnel.close()
      await door.close()
    }
    return { address: { port: door.port, publicUrl: tunnel.url }, close }
  } catch (error) {
    await door.close()
    throw error
  }
}
