import { Buffer } from 'node:buffer'
import { applyEdits, cutEdits } from '../../core/cut.ts'
import type { Feed, FeedEach } from '../../core/feed-definition.ts'
import { type JsonDoc, rawAt } from '../../core/json-scan.ts'
import { compilePath, rootItem, type SplitItem, type Step } from '../../core/path.ts'
import { sameTimeFormat } from '../../core/sample-values.ts'
import { splitItems } from '../../core/split.ts'
import { readValue } from '../../core/value.ts'
import type { Path } from '../../core/value-definition.ts'
import type { PastChange } from '../history.ts'
import type { World } from '../world.ts'
import { putJson, repeated, scanned } from './put-json.ts'
import { recordItem } from './records.ts'
import { itemContext, makeHold, type PickItem, writeAnswer } from './write-answer.ts'
import { writeChange } from './write-feed.ts'

/** The answer of a feed that tells of these changes; `asked` are the types that it was asked for, each of which it names. */
export function writeFeedItems(world: World, feed: Feed, changes: PastChange[], asked: string[] | null): Buffer {
  const bytes = world.fixtures.answer(`feed-${feed.name}`)
  const { each } = feed
  if (each) {
    return writeAll(bytes, each.items, changes, (written, change, pick) => writeListed(each, written, change, pick))
  }
  const [path = '$'] = feed.split
  const write: Write = (written, change, pick) => writeChange(world.definition, feed, written, pick, change)
  if (asked === null || feed.types === undefined) return writeAll(bytes, path, changes, write)
  const ordered = asked.flatMap(type => changes.filter(({ resource }) => resource?.type === type))
  const groups = asked.map((type): [string, string[]] => [
    keyOf(path, type),
    ordered.filter(({ resource }) => resource?.type === type).map(change => rawOf(world, bytes, path, change)),
  ])
  return writeEach(Buffer.from(nested(path, groups)), path, ordered, write)
}

/** Where the one item of an answer to `each` stands. */
export function pickOf(feed: Feed): PickItem {
  return doc => itemsAt(doc, feed.split[0] ?? '$')[0] ?? rootItem
}

type Write = (bytes: Buffer, change: PastChange, pick: PickItem) => Buffer

function itemsAt(doc: JsonDoc, path: Path): SplitItem[] {
  return (splitItems(doc, [path]) ?? []).filter(item => item.whole)
}

/** As many copies of the first item as there are changes, the outermost list that it stands in growing with them. */
function writeAll(fixture: Buffer, path: Path, changes: PastChange[], write: Write): Buffer {
  // Where there is no fixture, as for a person's own definition, an item is made.
  const isEmpty = itemsAt(scanned(fixture), path).length === 0
  const bytes = isEmpty && changes.length > 0 ? putJson(fixture, `${path}.x`, 'x') : fixture
  const doc = scanned(bytes)
  const [first, ...others] = itemsAt(doc, path)
  if (!first) return bytes
  const kept = changes.length === 0 ? [] : [first.node]
  const dropped = (changes.length === 0 ? [first, ...others] : others).map(({ node }) => node)
  const single = applyEdits(bytes, cutEdits(doc, kept, dropped))
  const outermost = changes.length === 0 ? undefined : itemsAt(scanned(single), path)[0]?.stars[0]
  return outermost === undefined
    ? single
    : writeEach(repeated(single, outermost.node, changes.length), path, changes, write)
}

function writeEach(bytes: Buffer, path: Path, changes: PastChange[], write: Write): Buffer {
  return changes.reduce(
    (written, change, index) => write(written, change, doc => itemsAt(doc, path)[index] ?? rootItem),
    bytes,
  )
}

/** What a list says of an event that it only names. */
function writeListed({ where, item, id, time }: FeedEach, bytes: Buffer, change: PastChange, pick: PickItem): Buffer {
  let written = where === undefined ? bytes : makeHold(bytes, where, pick)
  written = writeAnswer(written, item, String(change.number), pick)
  written = writeAnswer(written, id, change.id ?? `change-${change.number}`, pick)
  const old = readValue(itemContext(written, pick), time)?.text ?? ''
  return writeAnswer(written, time, sameTimeFormat(old, change.at), pick)
}

/** The key under which things of a type stand: the type itself, or its plural. */
function keyOf(path: Path, type: string): string {
  const keys = compilePath(path).steps.flatMap(step =>
    typeof step === 'object' && 'keys' in step ? step.keys.map(({ key }) => key) : [],
  )
  return keys.find(key => key === type) ?? keys.find(key => key.startsWith(type)) ?? type
}

/** A thing as the API has it, to be written over: its record, else what the fixture has of its type. */
function rawOf(world: World, bytes: Buffer, path: Path, { resource, event }: PastChange): string {
  const { type, id } = resource ?? { type: '', id: '' }
  if (event.endsWith('.deleted')) return '{}'
  const record = recordItem(world, type, id)
  if (record !== undefined) return record
  const doc = scanned(bytes)
  const known = itemsAt(doc, path).find(({ pointer }) => pointer.split('/').at(-2) === keyOf(path, type))
  return known ? rawAt(doc, known.node) : '{}'
}

/** The objects and lists around things by type, as a path that names the types as keys has them. */
function nested(path: Path, groups: [key: string, items: string[]][]): string {
  const { steps } = compilePath(path)
  const at = steps.findIndex(step => typeof step === 'object' && 'keys' in step)
  const lists = groups.map(([key, items]) => `${JSON.stringify(key)}:[${items.join(',')}]`)
  const around = steps.slice(0, at)
  const isEach = around.at(-1) === 'every'
  const inner = isEach ? `[${lists.map(list => `{${list}}`).join(',')}]` : `{${lists.join(',')}}`
  return (isEach ? around.slice(0, -1) : around).reduceRight<string>(wrapped, inner)
}

function wrapped(inner: string, step: Step): string {
  return typeof step === 'object' && 'key' in step ? `{${JSON.stringify(step.key)}:${inner}}` : `[${inner}]`
}
