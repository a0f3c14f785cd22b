import { kinds } from './json-scan.ts'
import { find } from './path.ts'
import { type ItemContext, readValue } from './value.ts'
import type { Value, When } from './value-definition.ts'

/** Whether a condition holds for an item. A plain path asks whether something stands there, be it null or empty. */
export function holds(context: ItemContext, when: When): boolean {
  if (typeof when === 'string') return find(context.doc, when, context.item) !== undefined
  if ('all' in when) return when.all.every(one => holds(context, one))
  if ('exists' in when) return readValue(context, when.exists) !== undefined
  if ('absent' in when) return readValue(context, when.absent) === undefined
  if ('empty' in when) return isEmpty(context, when.empty)
  if ('equal' in when) return areEqual(context, when.equal)
  const text = readValue(context, when.at)?.text
  return text !== undefined && (typeof when.is === 'string' ? text === when.is : when.is.includes(text))
}

/** What is not there equals nothing. */
function areEqual(context: ItemContext, [left, right]: [Value, Value]): boolean {
  const text = readValue(context, left)?.text
  return text !== undefined && text === readValue(context, right)?.text
}

function isEmpty({ doc, item }: ItemContext, path: string): boolean {
  const found = find(doc, path, item)
  if (!found) return false
  const kind = doc.kind[found.node]
  return (kind === kinds.array || kind === kinds.object) && doc.next[found.node] === found.node + 1
}
