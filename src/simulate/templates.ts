import type { ProviderDefinition } from '../core/definition.ts'
import { slotsOf } from '../core/fill-text.ts'

/** The rest of all slots that a definition's templates have with a prefix: `{access.sid}` → `sid`. */
export function slotsBehind(definition: ProviderDefinition, prefix: string): string[] {
  const found = new Set<string>()
  visit(definition)
  return [...found]

  function visit(value: unknown): void {
    if (typeof value === 'string') {
      for (const slot of slotsOf(value)) if (slot.startsWith(prefix)) found.add(slot.slice(prefix.length))
    } else if (typeof value === 'object' && value !== null) {
      for (const one of Object.values(value)) visit(one)
    }
  }
}
