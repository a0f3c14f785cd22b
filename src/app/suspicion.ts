import type { SuspectApp, SuspectSecret, Suspicion } from '../core/diagnosis.ts'
import type { RawDelivery } from '../core/keyring.ts'
import { publishedKeys } from '../receive/published-keys.ts'
import { keyringFor } from '../receive/receiving-app.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { App } from './app.ts'
import { doorNow } from './door-now.ts'

/** A request that did not verify, as it is kept or as it was exported. */
export interface SuspectRequest extends RawDelivery {
  app: string
  receivedAt: number
  /** The length of the whole body, of which the beginning may be all that is there. */
  bytes: number
  /** The activation whose key stood in the URL. */
  activation: number | null
}

/**
 * Everything by which `diagnose` can explain a request: every app that is set up here, with all of its secrets, also those
 * that were replaced, and the URLs that it had. An app that cannot be read is left out.
 */
export async function suspicionOf(app: App, request: SuspectRequest): Promise<Suspicion | null> {
  const { receivedAt, activation, bytes, method, headers, body, suffix } = request
  const publicUrls = await publicUrlsOf(app)
  const keys = await publishedKeys({ store: app.store(), http: app.http, now: app.now }).known()
  const look = async (stored: StoredApp, hook: number | null): Promise<SuspectApp | null> => {
    const receiving = await app.receivingApp(stored).catch(() => null)
    if (!receiving) return null
    const keyring = keyringFor(receiving, { activation: hook, keys, publicUrls, triggerKey: null, now: receivedAt })
    const { name, env, announcedUrl } = stored
    const secrets = await secretsOf(app, stored)
    const urls = announcedUrl === null ? [] : [announcedUrl]
    return { name, env, definition: receiving.definition, keyring, secrets, urls }
  }
  const all = await app.store().read('listApps')
  const own = all.find(({ name }) => name === request.app)
  const mine = own && (await look(own, activation))
  if (!mine) return null
  const others = await Promise.all(all.filter(one => one !== own).map(one => look(one, null)))
  return { request: { method, headers, body, suffix, bytes }, app: mine, others: others.flatMap(one => one ?? []) }
}

async function publicUrlsOf(app: App): Promise<string[]> {
  const now = await doorNow(app)
  const last = await app.store().read('readListener')
  return [...new Set([now?.publicUrl, last?.publicUrl].filter(url => url !== undefined && url !== ''))] as string[]
}

async function secretsOf(app: App, stored: StoredApp): Promise<SuspectSecret[]> {
  const valid = (await app.keysOf(stored)).map(key => ({ key, replaced: false }))
  const old = (await app.store().read('readOldKeys', { appId: stored.id })).map(key => ({ key, replaced: true }))
  const hooks = await app.store().read('listActivations', { app: stored.name })
  return [...valid, ...old].map(({ key: { id, name, value, activation }, replaced }) => {
    const hook = activation && hooks.find(({ seq }) => seq === activation.id)
    const text = activation && `the hook ${hook?.id ?? activation.id} of ${activation.tenant ?? stored.name}`
    return { id, name, value, activation, hook: text, replaced }
  })
}
