import type { Buffer } from 'node:buffer'
import { applyEdits } from './cut.ts'
import { type DecodedBody, decodeBody } from './decode.ts'
import type { ProviderDefinition } from './definition.ts'
import { exits, WhsError } from './errors.ts'
import { holds } from './holds.ts'
import { rawAt } from './json-scan.ts'
import { shapeOf } from './read-item.ts'
import { freshId, sameTimeFormat } from './sample-values.ts'
import type { Signable } from './sign.ts'
import { type Item, splitItems } from './split.ts'
import { type ItemContext, readValue } from './value.ts'
import type { Value } from './value-definition.ts'
import type { AccountRef, Shape } from './webhook-definition.ts'
import { applyWrites, type Write, writeValue } from './write-value.ts'

/** Headers and body of a delivery that is being made. */
export type SampleMessage = Pick<Signable, 'headers' | 'body'>

/** What a sample is made to say; what is missing stays as it is. */
export interface SampleChanges {
  /** Account kind → value. With `random`, one of a kind that is not named here becomes nobody's. */
  accounts?: Record<string, string>
  /** At least 16 random bytes: every event that has an id of the provider's gets a new one of the same form. */
  random?: Uint8Array
  /** Wall clock in milliseconds, written in the form that the sample uses. */
  at?: number
  resourceId?: string
  deletedId?: string
}

/**
 * A delivery made from a sample: values are written through the same paths through which they are read, as byte edits,
 * so that everything else stays as the provider writes it. The signature is then no longer right: `signDelivery`.
 * @throws WhsError `bad-sample` (exit 1) for a sample that does not split or has no place for a value.
 */
export function composeSample(
  definition: ProviderDefinition,
  sample: SampleMessage,
  changes: SampleChanges,
): SampleMessage {
  return writeItems(definition, sample, (shape, context, index) => writes(shape, context, changes, index))
}

/** Writes into every item of a message, one value after the other, since two may stand in one outer text. */
export function writeItems(
  definition: ProviderDefinition,
  message: SampleMessage,
  each: (shape: Shape, context: ItemContext, index: number) => [Value, string][],
): SampleMessage {
  const { items } = readSample(definition, message)
  let { headers, body } = message
  for (let index = 0; index < items.length; index++) {
    const { context } = contextAt(definition, { headers, body }, index)
    for (const [value, text] of each(shapeIn(definition, context), context, index)) {
      const now = contextAt(definition, { headers, body }, index)
      const changed = applyWrites({ headers, body }, now.decoded, [written(now.context, value, text)])
      headers = changed.headers
      body = changed.body
    }
  }
  return { headers, body }
}

function contextAt(definition: ProviderDefinition, message: SampleMessage, index: number) {
  const { decoded, items } = readSample(definition, message)
  return { decoded, context: contextOf(decoded, items[index] as Item, message.headers) }
}

function contextOf({ doc }: DecodedBody, item: Item, headers: SampleMessage['headers']): ItemContext {
  return { doc, item, headers, query: new URLSearchParams() }
}

function written(context: ItemContext, value: Value, text: string): Write {
  try {
    return writeValue(context, value, text)
  } catch (error) {
    throw badSample((error as Error).message)
  }
}

/** The values to be written into one item, each with its text. */
function writes(shape: Shape, context: ItemContext, changes: SampleChanges, index: number): [Value, string][] {
  const { accounts, random, at, resourceId, deletedId } = changes
  const fresh = random && accounts ? (old: string) => freshId(old, random, index) : undefined
  const list = accountWrites(shape, context, accounts ?? {}, fresh)
  if (accounts && refsOf(shape).length > 0 && list.length === 0) throw badSample('no account stands in it')
  const { id, time, resource } = shape
  add(id, old => random && freshId(old, random, index))
  add(time, old => (at === undefined ? undefined : sameTimeFormat(old, at)))
  add(resource?.id, () => resourceId)
  add(resource?.deletedId, () => deletedId)
  return list

  /** Only what stands in the sample is written: an event that deletes nothing gets no deleted id. */
  function add(value: Value | undefined, change: (old: string) => string | undefined): void {
    const old = value && readValue(context, value)?.text
    const text = old && change(old)
    if (value && text !== undefined && text !== '') list.push([value, text])
  }
}

/**
 * Every account that stands in an item, with the one that is to stand there. Of a kind that is not named, `fresh` makes
 * one that is nobody's: what stood in it might be somebody else's.
 */
export function accountWrites(
  shape: Shape,
  context: ItemContext,
  accounts: Record<string, string>,
  fresh?: (old: string) => string,
): [Value, string][] {
  return refsOf(shape).flatMap(({ kind, at, when }): [Value, string][] => {
    const old = readValue(context, at)?.text
    if (old === undefined || (when && !holds(context, when))) return []
    const text = accounts[kind] ?? fresh?.(old)
    return text === undefined ? [] : [[at, text]]
  })
}

/**
 * Several deliveries as one: the items of the later ones are put behind those of the first, inside the innermost array
 * while the account stays the same, else inside the outermost. The headers are those of the first.
 * @throws WhsError `cannot-mix` (exit 2) where the provider sends one event a delivery.
 */
export function joinSamples(definition: ProviderDefinition, samples: SampleMessage[]): SampleMessage {
  const [first, ...later] = samples
  if (!first) throw badSample('there is no sample to join')
  return later.reduce((joined, next) => ({ ...joined, body: joinTwo(definition, joined, next) }), first)
}

function joinTwo(definition: ProviderDefinition, left: SampleMessage, right: SampleMessage): Buffer {
  const one = readSample(definition, left)
  const two = readSample(definition, right)
  const last = one.items.at(-1) as Item
  const next = two.items[0] as Item
  const star = Math.min(last.stars.length, next.stars.length) - 1
  if (star < 0 || !one.decoded.exact || !two.decoded.exact) throw cannotMix(definition)
  const same = accountsText(definition, one, last, left) === accountsText(definition, two, next, right)
  const inner = same && next.stars.length === last.stars.length
  const level = inner && two.items.every(item => item.stars[0]?.node === next.stars[0]?.node) ? star : 0
  const behind = one.decoded.doc.end[last.stars[level]?.node as number] as number
  const nodes = new Set(two.items.map(item => item.stars[level]?.node as number))
  const raw = [...nodes].map(node => rawAt(two.decoded.doc, node))
  return applyEdits(left.body, [{ from: behind, to: behind, text: `,${raw.join(',')}` }])
}

function accountsText(
  definition: ProviderDefinition,
  { decoded }: ReadSample,
  item: Item,
  message: SampleMessage,
): string {
  const context = contextOf(decoded, item, message.headers)
  return JSON.stringify(
    refsOf(shapeIn(definition, context)).map(account => readValue(context, account.at)?.text ?? null),
  )
}

/** Every place where a shape names an account. */
function refsOf(shape: Shape): AccountRef[] {
  return shape.accounts.flatMap(entry => ('agree' in entry ? entry.agree : [entry]))
}

interface ReadSample {
  decoded: DecodedBody
  items: Item[]
}

function readSample(definition: ProviderDefinition, message: SampleMessage): ReadSample {
  const decoded = decodeBody(definition.webhook.body, message)
  if ('fault' in decoded) throw badSample(decoded.fault)
  const items = splitItems(decoded.doc, definition.webhook.split) ?? []
  if (items.length === 0) throw badSample('it has no item')
  return { decoded, items }
}

function shapeIn(definition: ProviderDefinition, context: ItemContext): Shape {
  const shape = shapeOf(definition, context)
  if (!shape) throw badSample(`no shape of ${definition.name} fits`)
  return shape
}

function badSample(why: string): WhsError {
  return new WhsError({ code: 'bad-sample', exit: exits.fault, what: 'the sample cannot be used', why })
}

function cannotMix(definition: ProviderDefinition): WhsError {
  return new WhsError({
    code: 'cannot-mix',
    exit: exits.usage,
    what: `${definition.name} cannot mix tenants in one delivery`,
    why: 'these samples have no common array',
    next: 'whs trigger without --mix, once a tenant',
  })
}
