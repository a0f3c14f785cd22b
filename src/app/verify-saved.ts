import type { IngestedItem } from '../core/read-item.ts'
import type { App } from './app.ts'
import { type ExplainedRejected, explainRequest } from './explain-rejected.ts'
import { appOfSaved, ingestSaved, rawOf, readSaved, type SavedDelivery } from './saved-delivery.ts'

/** What a saved delivery is by the secrets of this store. */
export interface SavedVerdict {
  saved: SavedDelivery
  /** The app here that it was held against. */
  app: string
  verified: 'signature' | 'token' | 'none'
  /** Of the secret that proved it. */
  fingerprint: string | null
  /** Why it did not verify. */
  reason: string | null
  detail: string | null
  /** What was found when its proof was computed in other ways; null where it verified. */
  explained: ExplainedRejected | null
  items: IngestedItem[]
}

/**
 * Verifies a saved delivery as of its arrival, and explains why where it does not. Nothing is stored, nothing is sent and
 * no network is used.
 * @throws WhsError as `readSaved` and `appOfSaved` do
 */
export async function verifySaved(app: App, file: string, named: string | undefined): Promise<SavedVerdict> {
  const saved = await readSaved(file)
  const stored = await appOfSaved(app, saved, named)
  const receiving = await app.receivingApp(stored)
  const result = await ingestSaved(app, receiving, saved)
  const common = { saved, app: stored.name, items: [] }
  if (result.outcome === 'accepted') {
    const fingerprint = receiving.secrets.find(({ id }) => id === result.secretId)?.fingerprint ?? null
    const { verified, items } = result
    return { ...common, verified, fingerprint, reason: null, detail: null, explained: null, items }
  }
  const against = { ...common, verified: 'none' as const, fingerprint: null }
  if (result.outcome === 'handshake') {
    return { ...against, reason: 'handshake', detail: 'it is a handshake, and no delivery', explained: null }
  }
  const explained = await explainRequest(app, {
    ...rawOf(saved),
    app: stored.name,
    receivedAt: Date.parse(saved.facts.receivedAt),
    bytes: saved.facts.bytes,
    activation: null,
  })
  if (result.outcome === 'needs-key') {
    const detail = `the key ${result.keyId} of ${result.url} is not known here`
    return { ...against, reason: 'unknown-key', detail, explained }
  }
  return { ...against, reason: result.reason, detail: result.detail, explained }
}
