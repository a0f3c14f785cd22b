import type { Ingested } from '../core/ingest.ts'
import type { Reply } from '../net/door.ts'
import type { ReceiverDeps } from './receiver.ts'
import type { ReceivingApp } from './receiving-app.ts'

/** A handshake as it is told. */
export interface HandshakeFact {
  app: string
  /** What the definition calls it. */
  handshake: string
  outcome: 'passed' | 'refused-as-wanted' | 'failed'
  status: number
  /** Where it failed: what is wrong. */
  why?: string
  /** The command that mends it, where there is one. */
  fix?: string
}

/**
 * Answers a handshake. A secret that it brings is kept first: once, only while it is waited for, never in place of another;
 * where it may not be kept, the handshake fails.
 */
export async function takeHandshake(
  deps: ReceiverDeps,
  app: ReceivingApp,
  { kind, answer, brings, activation }: Extract<Ingested, { outcome: 'handshake' }>,
): Promise<Reply> {
  const kept = brings === null || (await keepSecret(deps, app, brings, activation))
  const status = kept ? answer.status : app.definition.webhook.reply.rejected
  const said = kept ? { outcome: 'passed' as const } : { outcome: 'failed' as const, ...unexpected(app.name) }
  deps.onHandshake?.({ app: app.name, handshake: kind, status, ...said })
  if (!kept) return { status }
  if (brings !== null) deps.onSecret?.(app.name)
  const { headers, body } = answer
  return body === '' ? { status, headers } : { status, headers, body }
}

function unexpected(name: string): { why: string; fix: string } {
  return { why: 'nobody waits for the secret that it brings', fix: `whs activations add ${name}` }
}

async function keepSecret(
  { store }: ReceiverDeps,
  app: ReceivingApp,
  { secret, of, value }: { secret: string; of: 'app' | 'activation'; value: string },
  activation: number | null,
): Promise<boolean> {
  if (of === 'app') return store.write('addAppSecretOnce', { app: app.name, name: secret, value })
  if (activation === null) return false
  return store.write('confirmActivation', { seq: activation, secret: { name: secret, value } })
}
