import type { Scheme } from '../core/definition.ts'
import { verifySignature } from '../core/sign.ts'
import { type Door, openDoor } from '../net/door.ts'

/** What the demo's own handler was sent, and whether the signature of each request was right. */
export interface DemoHandler {
  port: number
  passed(): number
  failed(): number
  close(): Promise<void>
}

/** A handler such as a builder would write: it checks the provider's signature over the bytes that it got, then says 200. */
export async function openDemoHandler(scheme: Scheme, secret: () => string): Promise<DemoHandler> {
  let passed = 0
  let failed = 0
  const door: Door = await openDoor({
    port: 0,
    routes: [],
    raw: {
      prefix: '/',
      maxBytes: 33_554_432,
      maxQueuedBytes: 134_217_728,
      async handle({ headers, body }) {
        const { verified } = verifySignature(scheme, { headers, body }, [{ id: 1, value: secret() }])
        if (verified) passed++
        else failed++
        return verified ? { status: 200 } : { status: 401, body: 'the signature is wrong\n' }
      },
    },
  })
  return { port: door.port, passed: () => passed, failed: () => failed, close: () => door.close() }
}
