import { activate, type HookWish } from '../../src/connect/activation/activate.ts'
import type { ActivationOutcome } from '../../src/connect/activation/activation-outcome.ts'
import type { StoredActivation } from '../../src/store/activation-ops.ts'
import { type HookProvider, openHookProvider } from './hook-provider.ts'
import { type HookWorld, type HookWorldOptions, hookDefinition, openHookWorld } from './hook-world.ts'

/** The time at which its clock starts. */
export const start = Date.UTC(2026, 2, 1)

/** A hook world and the provider of its hooks, and how they are made for acme's board `b-1` unless said otherwise. */
export interface HookMaker extends HookWorld {
  provider: HookProvider
  make(more?: Partial<HookWish>): Promise<ActivationOutcome>
  /** One that is made, for a board; throws where none is. */
  made(board?: string): Promise<StoredActivation>
}

export async function openHookMaker(options: Partial<HookWorldOptions> = {}): Promise<HookMaker> {
  const clock = { now: start }
  const provider = await openHookProvider(() => clock.now)
  const world = await openHookWorld({ definition: hookDefinition(), origin: provider.origin, clock, ...options })
  const { connection, callback } = world
  const usual = { app: 'small', connection, resource: 'b-1', temporary: false, callback }
  const make: HookMaker['make'] = more => activate(world.deps, { ...usual, ...more })
  return {
    ...world,
    provider,
    make,
    async made(resource = 'b-1') {
      const { activation, why } = await make({ resource })
      if (!activation) throw new Error(why ?? 'nothing was made')
      return activation
    },
  }
}
