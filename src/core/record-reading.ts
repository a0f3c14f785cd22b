import type { Buffer } from 'node:buffer'
import { decodeBody } from './decode.ts'
import type { ProviderDefinition } from './definition.ts'
import { fillText, type Slots } from './fill-text.ts'
import type { RawHeaders } from './headers.ts'
import { holds } from './holds.ts'
import { queryOf } from './keyring.ts'
import type { RecordRead } from './record-definition.ts'
import { splitItems } from './split.ts'
import { type ItemContext, readValue } from './value.ts'
import type { Path } from './value-definition.ts'
import type { Decoder } from './webhook-definition.ts'

/** What an event is about, as it names it. */
export interface Thing {
  type: string
  id: string
}

/** How a thing is read: the reading that fits it, and the API's word for its type. */
export interface FittingRead {
  read: RecordRead
  word: string
}

/** The reading that has a word for a type; undefined where the definition has none. */
export function readingFor({ record = [] }: ProviderDefinition, type: string): FittingRead | undefined {
  for (const read of record) {
    const word = wordIn(read, type)
    if (word !== undefined) return { read, word }
  }
  return undefined
}

/** The API's word for a type, whichever case it is written in; undefined where the reading does not read it. */
export function wordIn({ words }: RecordRead, type: string): string | undefined {
  const wanted = type.toLowerCase()
  const name = Object.keys(words).find(one => one.toLowerCase() === wanted)
  return name === undefined ? undefined : words[name]
}

/** What the call of a reading is filled with; or which of its slots the event's item does not have. */
export function readingSlots(
  { read, word }: FittingRead,
  { type, id }: Thing,
  item: ItemContext | undefined,
): { slots: Slots } | { lacks: string } {
  const slots: Slots = { resourceType: type, resourceId: id, resource: word }
  for (const [name, value] of Object.entries(read.slots ?? {})) {
    const text = item && readValue(item, value)?.text
    if (text === undefined) return { lacks: name }
    slots[name] = text
  }
  return { slots }
}

/** The path of a thing in an answer. */
export function thingPath({ at }: RecordRead, slots: Slots): Path {
  return fillText(at, slots) ?? at
}

/** Where a thing stands in a good answer, in bytes; null where nothing stands there. */
export function thingIn(
  read: RecordRead,
  slots: Slots,
  { doc }: ItemContext,
): { start: number; length: number } | null {
  const found = splitItems(doc, [thingPath(read, slots)])?.find(({ whole }) => whole)
  if (!found) return null
  const start = doc.start[found.node] as number
  return { start, length: (doc.end[found.node] as number) - start }
}

/** Whether an answer says that the thing is not there any more. */
export function isGone({ gone = [] }: RecordRead, status: number, answer: ItemContext | undefined): boolean {
  if (status === 404 || status === 410) return true
  return gone.some(one => [one.status].flat().includes(status) && answer !== undefined && holds(answer, one.when))
}

/** Whether an event such as `invoice.deleted` says that its thing is gone: the API need not be asked. */
export function saysDeleted(event: string | null, type: string): boolean {
  const [verb, noun = ''] = (event ?? '').split('.').reverse()
  const [said, own] = [plain(noun), plain(type)]
  return verb === 'deleted' && (said === own || said === `${own}s` || `${said}s` === own)
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

/** By what a stored delivery is read: an API's answer is JSON, split as its feed says. */
export interface StoredForm {
  decoders: Decoder[]
  split: Path[]
}

/** An item of a stored delivery, found again by where it stands; undefined where it does not split so any more. */
export function itemAt(
  { decoders, split }: StoredForm,
  { headers, suffix, body }: { headers: RawHeaders; suffix: string; body: Buffer },
  pointer: string,
): ItemContext | undefined {
  const decoded = decodeBody(decoders, { headers, body })
  if ('fault' in decoded) return undefined
  const item = splitItems(decoded.doc, split)?.find(one => one.whole && one.pointer === pointer)
  return item && { doc: decoded.doc, item, headers, query: queryOf({ suffix }) }
}
