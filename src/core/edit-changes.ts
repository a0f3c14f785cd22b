import type { Buffer } from 'node:buffer'
import type { ProviderDefinition } from './definition.ts'
import { readItems } from './ingest.ts'
import type { IngestedItem } from './read-item.ts'
import type { SampleMessage } from './sample.ts'

/** What an edit made of the events in a body, in words; nothing where type and account are as they were. */
export function changesOf(
  definition: ProviderDefinition,
  before: SampleMessage & { method: string },
  after: { body: Buffer },
): string[] {
  const old = readItems(definition, before)
  const now = readItems(definition, { ...before, body: after.body })
  if (now.length !== old.length) return [`it has ${now.length} events now, not ${old.length}`]
  return now.flatMap((item, index) => changesOfItem(old[index] as IngestedItem, item))
}

function changesOfItem(old: IngestedItem, now: IngestedItem): string[] {
  if (now.shape === null && old.shape !== null) return [now.fault ?? 'no shape fits any more']
  const changes: string[] = []
  if (now.event !== old.event) changes.push(`its type is ${now.event ?? 'unreadable'} now, not ${old.event}`)
  const [was, is] = [accountsText(old), accountsText(now)]
  if (was !== is) changes.push(`its account is ${is || 'missing'} now, not ${was || 'missing'}`)
  return changes
}

function accountsText({ accounts }: IngestedItem): string {
  return accounts
    .flat()
    .map(({ kind, value }) => `${kind} ${value}`)
    .join(', ')
}
