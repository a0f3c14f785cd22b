import type { EndedHooks } from '../../connect/disconnect.ts'
import { countText, safeText } from '../../core/text.ts'
import type { StoredActivation } from '../../store/activation-ops.ts'
import type { Io } from '../io.ts'

/** Names each hook that could not be removed at the provider, and why. */
export function noteLeft(io: Io, { owner, app, left }: { owner: string; app: string; left: EndedHooks['left'] }): void {
  for (const { id, providerId, resource, why } of left) {
    const named = [resource, providerId].filter(part => part !== null).join(', ')
    io.note(`warning  a hook of ${owner} stays at ${app} (${safeText(named) || id}): ${safeText(why)}`)
  }
}

/** Names those that a person made, which only a person can remove. */
export function noteHandMade(io: Io, hooks: StoredActivation[]): void {
  const byHand = hooks.filter(({ madeBy, state }) => madeBy === 'hand' && state !== 'gone')
  if (byHand.length === 0) return
  const ids = byHand.map(({ app, providerId, id }) => `${app} ${safeText(providerId ?? id)}`).join(', ')
  io.note(
    `note   ${countText(byHand.length, 'hook')} made by hand stays at the provider until you remove it there: ${ids}`,
  )
}
