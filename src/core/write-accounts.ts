import { createHash } from 'node:crypto'
import type { ProviderDefinition } from './definition.ts'
import { exits, WhsError } from './errors.ts'
import { readItems } from './ingest.ts'
import type { IngestedItem } from './read-item.ts'
import { accountWrites, type SampleMessage, writeItems } from './sample.ts'
import { freshId } from './sample-values.ts'

/**
 * A delivery as if it had been another tenant's: in every item its accounts are written where the old ones stand, through
 * the same paths by which they are read, as byte edits. `accounts` is kind → value; of a kind that it does not name one is
 * made up that is nobody's, so that nothing still points at the first tenant. The event's own id stays. The signature is
 * then no longer right. Items whose owner the hook alone says stay as they are.
 * @throws WhsError `cannot-write-account` (exit 2) where a value cannot be written, or does not read as it should then
 */
export function writeAccounts(
  definition: ProviderDefinition,
  message: SampleMessage,
  accounts: Record<string, string>,
): SampleMessage {
  const before = readItems(definition, { method: 'POST', ...message })
  if (before.every(item => item.accounts.length === 0 && item.fault === null)) return message
  const random = createHash('sha256').update(message.body).digest()
  let written: SampleMessage
  try {
    written = writeItems(definition, message, (shape, context, index) =>
      accountWrites(shape, context, accounts, old => freshId(old, random, index)),
    )
  } catch (error) {
    throw cannotWrite(definition, (error as WhsError).why ?? (error as Error).message)
  }
  const after = readItems(definition, { method: 'POST', ...written })
  for (const [index, item] of before.entries()) {
    const fault = faultOf(item, after[index], accounts)
    if (fault) throw cannotWrite(definition, fault)
  }
  return written
}

/** What is wrong with an item as it reads now: an account of the other tenant must be among its own, none of the first. */
function faultOf(
  before: IngestedItem,
  after: IngestedItem | undefined,
  accounts: Record<string, string>,
): string | undefined {
  if (!after || after.shape !== before.shape) return 'the item does not read as it did when it is written'
  const now = after.accounts.flat()
  if (before.accounts.length > 0 && !now.some(({ kind, value }) => accounts[kind] === value)) {
    const kinds = [...new Set(before.accounts.flat().map(({ kind }) => kind))].join(' or ')
    return `the tenant has no ${kinds} there`
  }
  const old = new Set(before.accounts.flat().map(({ kind, value }) => `${kind} ${value}`))
  const left = now.find(({ kind, value }) => old.has(`${kind} ${value}`) && accounts[kind] !== value)
  return left && `its ${left.kind} cannot be changed at ${left.place}`
}

function cannotWrite({ name }: ProviderDefinition, why: string): WhsError {
  return new WhsError({
    code: 'cannot-write-account',
    exit: exits.usage,
    what: `this event of ${name} cannot be sent as another tenant’s`,
    why,
    next: 'whs trigger sends a sample for that tenant instead',
  })
}
