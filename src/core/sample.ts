import type { Buffer } from 'node:buffer'
import { applyEdits, type Edit, setScalar } from './cut.ts'
import type { ProviderDefinition, Shape, Value } from './definition.ts'
import { exits, WhsError } from './errors.ts'
import { type RawHeaders, setHeader } from './headers.ts'
import { type JsonDoc, rawAt, scalarAt, scanJson } from './json-scan.ts'
import { find, type SplitItem } from './path.ts'
import { freshId, sameTimeFormat } from './sample-values.ts'
import { type Signable, signHeaders } from './sign.ts'
import { type Item, splitItems } from './split.ts'
import { type ItemContext, readValue } from './value.ts'

/** Where the sample of an event stands in a provider's fixtures. */
export function samplePath(shape: string, event: string): string {
  return `samples/${shape}/${event}.json`
}

/** What a sample is made to say; what is missing stays as it is. */
export interface SampleChanges {
  /** Account kind → value. */
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
export function composeSample(definition: ProviderDefinition, sample: Signable, changes: SampleChanges): Signable {
  const { doc, items } = readSample(definition, sample.body)
  const edits = new Map<number, Edit>()
  let headers = sample.headers
  for (const [index, item] of items.entries()) {
    const shape = shapeOf(definition, doc, item)
    for (const [value, text] of writes(shape, { doc, item, headers }, changes, index)) {
      const place = placeOf({ doc, item, headers }, value, text)
      if ('header' in place) headers = setHeader(headers, place.header, place.text)
      else edits.set(doc.start[place.node] as number, setScalar(doc, place.node, place.text))
    }
  }
  return { headers, body: applyEdits(sample.body, [...edits.values()]) }
}

/** The values to be written into one item, each with its text. */
function writes(shape: Shape, context: ItemContext, changes: SampleChanges, index: number): [Value, string][] {
  const list: [Value, string][] = []
  const { accounts = {}, random, at, resourceId, deletedId } = changes
  for (const account of shape.accounts) {
    const text = accounts[account.kind]
    if (text !== undefined) list.push([account.at, text])
  }
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

type Place = { node: number; text: string } | { header: string; text: string }

/** Where a value stands, and what must be written there for it to read as `text`. */
function placeOf(context: ItemContext, value: Value, text: string): Place {
  if (typeof value === 'string') {
    const found = find(context.doc, value, context.item)
    if (found && scalarAt(context.doc, found.node) !== undefined) return { node: found.node, text }
    throw badSample(`nothing stands at ${value}`)
  }
  if ('header' in value) return { header: value.header, text }
  if ('first' in value) {
    const there = value.first.find(one => readValue(context, one) !== undefined)
    if (there === undefined) throw badSample('none of the alternatives of a value stands in it')
    return placeOf(context, there, text)
  }
  if ('part' in value) {
    const { of, by, from, to } = value.part
    const pieces = readValue(context, of)?.text.split(by) ?? []
    const behind = to === undefined ? [] : pieces.slice(to)
    return placeOf(context, of, [...pieces.slice(0, from), text, ...behind].join(by))
  }
  throw badSample(`a composed value (${value.template}) cannot be written`)
}

/**
 * Several deliveries as one: the items of the later ones are put behind those of the first, inside the innermost array
 * while the account stays the same, else inside the outermost. The headers are those of the first.
 * @throws WhsError `cannot-mix` (exit 2) where the provider sends one event a delivery.
 */
export function joinSamples(definition: ProviderDefinition, samples: Signable[]): Signable {
  const [first, ...later] = samples
  if (!first) throw badSample('there is no sample to join')
  return later.reduce((joined, next) => ({ ...joined, body: joinTwo(definition, joined, next) }), first)
}

function joinTwo(definition: ProviderDefinition, left: Signable, right: Signable): Buffer {
  const one = readSample(definition, left.body)
  const two = readSample(definition, right.body)
  const last = one.items.at(-1) as Item
  const next = two.items[0] as Item
  const star = last.stars.length - 1
  if (star < 0 || next.stars.length !== last.stars.length) throw cannotMix(definition)
  const same = accountsText(definition, one, last, left) === accountsText(definition, two, next, right)
  const level = same && two.items.every(item => item.stars[0]?.node === next.stars[0]?.node) ? star : 0
  const behind = one.doc.end[last.stars[level]?.node as number] as number
  const nodes = new Set(two.items.map(item => item.stars[level]?.node as number))
  const raw = [...nodes].map(node => rawAt(two.doc, node))
  return applyEdits(left.body, [{ from: behind, to: behind, text: `,${raw.join(',')}` }])
}

function accountsText(definition: ProviderDefinition, sample: ReadSample, item: Item, message: Signable): string {
  const shape = shapeOf(definition, sample.doc, item)
  const context = { doc: sample.doc, item, headers: message.headers }
  return JSON.stringify(shape.accounts.map(account => readValue(context, account.at)?.text ?? null))
}

interface ReadSample {
  doc: JsonDoc
  items: Item[]
}

function readSample(definition: ProviderDefinition, body: Buffer): ReadSample {
  const doc = scanJson(body)
  if ('fault' in doc) throw badSample(doc.fault)
  const items = splitItems(doc, definition.webhook.split) ?? []
  if (items.length === 0) throw badSample('it has no item')
  return { doc, items }
}

function shapeOf(definition: ProviderDefinition, doc: JsonDoc, item: SplitItem): Shape {
  const shape = definition.webhook.shapes.find(one => find(doc, one.when, item) !== undefined)
  if (!shape) throw badSample(`no shape of ${definition.name} fits`)
  return shape
}

/** The headers of a delivery, signed as the provider does with a secret. */
export function signDelivery(definition: ProviderDefinition, message: Signable, secret: string): RawHeaders {
  return signHeaders(definition.webhook.verify, message, secret)
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
