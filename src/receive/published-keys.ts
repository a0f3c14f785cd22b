import type { PublicKeys } from '../core/keyring.ts'
import type { HttpCall } from '../net/call.ts'
import type { Store } from '../store/store.ts'

export interface PublishedKeys {
  /** Every key that is known, by the URL of its set. */
  known(): Promise<PublicKeys>
  /**
   * Fetches a set again, once a minute at most and one at a time; false where it could not be had, and the sender should
   * come again.
   */
  refresh(url: string): Promise<boolean>
}

const pauseMs = 60_000
const timeoutMs = 5_000
const mostBytes = 262_144

/** The key sets (RFC 7517) that definitions name, kept in the store, so that one that was fetched outlives the process. */
export function publishedKeys({ store, http, now }: { store: Store; http: HttpCall; now(): number }): PublishedKeys {
  let loaded: Promise<PublicKeys> | undefined
  const flights = new Map<string, Promise<boolean>>()
  const fetchedAt = new Map<string, { at: number; good: boolean }>()

  async function load(): Promise<PublicKeys> {
    const keys: PublicKeys = {}
    for (const { url, kid, key } of await store.read('readPublicKeys')) {
      keys[url] = { ...keys[url], [kid]: key }
    }
    return keys
  }

  async function fetchSet(url: string): Promise<boolean> {
    const answer = await http({ method: 'GET', url, timeoutMs, maxBytes: mostBytes }).catch(() => undefined)
    const keys = answer?.status === 200 ? keysOf(answer.body.toString()) : undefined
    if (keys) {
      await store.write('keepPublicKeys', { url, keys, fetchedAt: now() })
      loaded = undefined
    }
    fetchedAt.set(url, { at: now(), good: keys !== undefined })
    return keys !== undefined
  }

  return {
    known() {
      loaded ??= load()
      return loaded
    },
    refresh(url) {
      const last = fetchedAt.get(url)
      if (last && now() - last.at < pauseMs && now() >= last.at) return Promise.resolve(last.good)
      const flight = flights.get(url) ?? fetchSet(url).finally(() => flights.delete(url))
      flights.set(url, flight)
      return flight
    },
  }
}

function keysOf(text: string): Record<string, Record<string, unknown>> | undefined {
  try {
    const { keys } = JSON.parse(text) as { keys?: unknown }
    if (!Array.isArray(keys)) return undefined
    const named = (keys as unknown[]).filter(
      (key): key is Record<string, unknown> & { kid: string } =>
        typeof key === 'object' && key !== null && typeof (key as { kid?: unknown }).kid === 'string',
    )
    return Object.fromEntries(named.map(key => [key.kid, key]))
  } catch {
    return undefined
  }
}
