import { createHash } from 'node:crypto'
import type { ProviderDefinition } from './definition.ts'

/** The SHA-256 of a definition in hex, whatever the order of its fields: what an app of a custom one is pinned to. */
export function definitionHash(definition: ProviderDefinition): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(definition)))
    .digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return Object.fromEntries(entries.map(([name, one]) => [name, sorted(one)]))
}
