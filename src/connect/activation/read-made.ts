import { normaliseAccount } from '../../core/account.ts'
import type { ProviderDefinition } from '../../core/definition.ts'
import type { Slots } from '../../core/fill-text.ts'
import { type ItemContext, readValue } from '../../core/value.ts'
import type { Value } from '../../core/value-definition.ts'

/** The provider's id of a hook, spelled as deliveries name it where they do; null where it cannot be one. */
export function providerIdOf({ activation: { kind }, accounts }: ProviderDefinition, raw: string): string | null {
  const own = accounts.find(one => one.kind === kind)
  if (!own) return raw.length <= 512 ? raw : null
  return (new RegExp(own.pattern).test(raw) ? normaliseAccount(own.normalise, raw) : undefined) ?? null
}

/** What later calls need of an answer. */
export function keptIn(context: ItemContext, keep: Record<string, Value> = {}): Slots {
  const slots: Slots = {}
  for (const [name, value] of Object.entries(keep)) {
    const text = readValue(context, value)?.text
    if (text !== undefined) slots[name] = text
  }
  return slots
}
