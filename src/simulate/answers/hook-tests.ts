import type { Handshake } from '../../core/webhook-definition.ts'
import { testOne } from '../handshake.ts'
import type { Hook } from '../hooks.ts'
import type { World } from '../world.ts'

/**
 * Whether a hook's URL passes the handshakes that a provider does before it makes or moves one. Where it is moved, no secret
 * is brought again. What is signed as a delivery comes later, and refuses nothing.
 */
export async function isReached(world: World, hook: Hook, wish: 'made' | 'moved' = 'made'): Promise<boolean> {
  const due = handshakesOf(world).filter(({ proof, brings }) => {
    return proof !== 'signature' && !(wish === 'moved' && brings?.of === 'activation')
  })
  return testEach(world, hook, due)
}

/** The first deliveries of a new hook that are no events, just after the answer. */
export function testLater(world: World, hook: Hook): void {
  const due = handshakesOf(world).filter(({ proof }) => proof === 'signature')
  if (due.length === 0) return
  setTimeout(() => {
    void testEach(world, hook, due)
  }, 0)
}

async function testEach(world: World, hook: Hook, due: Handshake[]): Promise<boolean> {
  for (const handshake of due) if (!(await isPassed(world, hook, handshake))) return false
  return true
}

function handshakesOf({ definition }: World): Handshake[] {
  return definition.webhook.handshakes ?? []
}

async function isPassed(world: World, hook: Hook, handshake: Handshake): Promise<boolean> {
  const app = world.apps.get(hook.clientId)
  const url = world.urlOf(hook)
  return app !== undefined && url !== null && (await testOne(world, app, hook, url, handshake)).ok
}
