import type { ProviderDefinition } from '../core/definition.ts'
import { verifyDelivery } from '../core/verify.ts'
import { type Door, openDoor } from '../net/door.ts'

/** What the demo's own handler was sent, and whether the signature of each request was right. */
export interface DemoHandler {
  port: number
  passed(): number
  failed(): number
  close(): Promise<void>
}

/** A handler such as a builder would write: it checks the provider's signature over the bytes that it got, then says 200. */
export async function openDemoHandler(
  definition: ProviderDefinition,
  secretsNow: () => string[],
): Promise<DemoHandler> {
  let passed = 0
  let failed = 0
  const door: Door = await openDoor({
    port: 0,
    routes: [],
    raw: {
      prefix: '/',
      maxBytes: 33_554_432,
      maxQueuedBytes: 134_217_728,
      async handle({ method, url, headers, body, receivedAt }) {
        const secrets = Object.keys(definition.secrets).flatMap(name =>
          secretsNow().map((value, id) => ({ id, name, value, activation: null })),
        )
        const nothing = { activation: null, keys: {}, slots: {}, hosts: {} }
        const keyring = { ...nothing, secrets, urls: [], now: receivedAt }
        const { verified } = verifyDelivery(definition, { method, headers, body, suffix: url }, keyring)
        if (verified) passed++
        else failed++
        return verified ? { status: 200 } : { status: 401, body: 'the signature is wrong\n' }
      },
    },
  })
  return { port: door.port, passed: () => passed, failed: () => failed, close: () => door.close() }
}
