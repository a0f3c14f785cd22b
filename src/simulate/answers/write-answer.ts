import { Buffer } from 'node:buffer'
import { applyEdits, cutEdits } from '../../core/cut.ts'
import { holds } from '../../core/holds.ts'
import type { JsonDoc } from '../../core/json-scan.ts'
import { rootItem, type SplitItem } from '../../core/path.ts'
import { type Item, splitItems } from '../../core/split.ts'
import { captured, type ItemContext, readValue } from '../../core/value.ts'
import type { Call, Path, Value, When } from '../../core/value-definition.ts'
import { textOf } from '../example-text.ts'
import { putJson, repeated, scanned } from './put-json.ts'

/** Picks the item that `@` stands for; the places of a document move with every write. */
export type PickItem = (doc: JsonDoc) => SplitItem

const whole: PickItem = () => rootItem

/** What values are read from at an item. */
export function itemContext(bytes: Buffer, pick: PickItem): ItemContext {
  const doc = scanned(bytes)
  return { doc, item: pick(doc), headers: [], query: new URLSearchParams() }
}

/** A JSON answer in which a value reads as a text; places that are missing are made. */
export function writeAnswer(bytes: Buffer, value: Value, text: string, pick: PickItem = whole): Buffer {
  const context = itemContext(bytes, pick)
  if (readValue(context, value)?.text === text) return bytes
  if (typeof value === 'string') return putJson(bytes, value, text, context.item)
  if ('first' in value) {
    const there = value.first.find(one => readValue(context, one) !== undefined) ?? value.first[0]
    return there === undefined ? bytes : writeAnswer(bytes, there, text, pick)
  }
  if ('part' in value) {
    const { of, by, from, to } = value.part
    const pieces = readValue(context, of)?.text.split(by) ?? Array.from({ length: from }, () => 'x')
    const behind = to === undefined ? [] : pieces.slice(to)
    return writeAnswer(bytes, of, [...pieces.slice(0, from), text, ...behind].join(by), pick)
  }
  if ('capture' in value) {
    const { of, pattern } = value.capture
    return writeAnswer(bytes, of, withCaptured(readValue(context, of)?.text, pattern, text), pick)
  }
  if ('map' in value) {
    const { of, words } = value.map
    return writeAnswer(bytes, of, Object.keys(words).find(word => words[word] === text) ?? text, pick)
  }
  if ('base64Json' in value) {
    const { of, at } = value.base64Json
    const inner = Buffer.from(readValue(context, of)?.text || 'e30=', 'base64')
    return writeAnswer(bytes, of, putJson(inner, at, text).toString('base64'), pick)
  }
  const pieces = 'join' in value ? joined(value, text) : 'template' in value ? filled(value.template, text) : []
  return pieces.reduce((written, [one, piece]) => writeAnswer(written, one, piece, pick), bytes)
}

function joined({ join, by }: { join: Value[]; by: string }, text: string): [Value, string][] {
  const pieces = text.split(by)
  const last = pieces.slice(join.length - 1).join(by)
  return join.flatMap((one, index): [Value, string][] => {
    const piece = index === join.length - 1 ? last : pieces[index]
    return piece ? [[one, piece]] : []
  })
}

function filled(template: string, text: string): [Value, string][] {
  const paths: Path[] = []
  const source = template.replace(/\{([^{}]+)\}|[.*+?^$(){}|[\]\\]/g, (found, path: string | undefined) => {
    if (path === undefined) return `\\${found}`
    paths.push(path)
    return '(.+)'
  })
  const match = new RegExp(`^${source}$`, 's').exec(text)
  return match ? paths.map((path, index) => [path, match[index + 1] as string]) : []
}

const firstGroup = /\((?!\?)(?:[^()]|\(\?:[^()]*\))*\)/

/** What a value may read: what a pattern captures fits it. */
function exampleFor(value: Value): string {
  const isCapture = typeof value === 'object' && 'capture' in value
  return (isCapture && textOf(firstGroup.exec(value.capture.pattern)?.[0] ?? '')) || 'x'
}

/** A text of which a pattern captures what is wanted: the old one, else the pattern's own letters around it. */
export function withCaptured(old: string | undefined, pattern: string, text: string): string {
  const found = old === undefined ? undefined : captured(old, pattern)
  if (old !== undefined && found) return old.slice(0, found.from) + text + old.slice(found.to)
  const group = firstGroup.exec(pattern)
  if (!group) return text
  return textOf(pattern.slice(0, group.index)) + text + textOf(pattern.slice(group.index + group[0].length))
}

/** An answer after which no page follows. */
export function lastPage({ page }: Call, bytes: Buffer): Buffer {
  if (!page || page.by === 'link') return bytes
  if (page.by === 'item') return bytes
  const at = 'at' in page ? page.at : page.pages
  return readValue(itemContext(bytes, whole), at) ? putJson(bytes, at, 'at' in page ? '' : 1) : bytes
}

/** A JSON answer of which a condition holds. */
export function makeHold(bytes: Buffer, when: When, pick: PickItem = whole): Buffer {
  const context = itemContext(bytes, pick)
  if (holds(context, when)) return bytes
  if (typeof when === 'string') return putJson(bytes, when, 'x', context.item)
  if ('all' in when) return when.all.reduce((made, one) => makeHold(made, one, pick), bytes)
  if ('exists' in when) return writeAnswer(bytes, when.exists, exampleFor(when.exists), pick)
  if ('equal' in when) return writeAnswer(bytes, when.equal[0], readValue(context, when.equal[1])?.text ?? 'x', pick)
  if (!('at' in when)) return bytes
  const text = [when.is].flat()[0] ?? ''
  const plain = typeof when.at === 'string' && (text === 'true' || text === 'false') ? text === 'true' : text
  return typeof when.at === 'string' && readValue(context, when.at) === undefined
    ? putJson(bytes, when.at, plain, context.item)
    : writeAnswer(bytes, when.at, text, pick)
}

/**
 * A JSON answer whose items are so many copies of the one that it has (of several that count, the first), each written
 * by `write`, which is given a `PickItem` of its own.
 */
export function writeItems(
  bytes: Buffer,
  items: Path,
  where: When | undefined,
  times: number,
  write: (bytes: Buffer, index: number, pick: PickItem) => Buffer,
): Buffer {
  const made = splitOf(scanned(bytes), items).length === 0 ? putJson(bytes, `${items}.x`, 'x') : bytes
  const all = splitOf(scanned(made), items)
  const counting = all.filter(item => where === undefined || holdsAt(made, item, where))
  if (times === 0) {
    const others = all.filter(item => !counting.includes(item))
    return applyEdits(made, cutEdits(scanned(made), nodesOf(others), nodesOf(counting)))
  }
  const [first] = counting.length > 0 ? counting : all
  const element = first?.stars.at(-1)
  if (!first || !element) return write(made, 0, doc => splitOf(doc, items)[0] ?? rootItem)
  const at = all.findIndex(item => item.node === first.node)
  const others = nodesOf(counting.filter(item => item.node !== first.node))
  let written = applyEdits(made, cutEdits(scanned(made), [first.node], others))
  const before = others.filter(node => node < first.node).length
  const index = at - before
  written = repeated(written, (splitOf(scanned(written), items)[index] as Item).stars.at(-1)?.node ?? 0, times)
  for (let copy = 0; copy < times; copy++) {
    written = write(written, copy, doc => splitOf(doc, items)[index + copy] ?? rootItem)
  }
  return written
}

function nodesOf(items: Item[]): number[] {
  return items.map(({ node }) => node)
}

function splitOf(doc: JsonDoc, items: Path): Item[] {
  return (splitItems(doc, [items]) ?? []).filter(item => item.whole)
}

function holdsAt(bytes: Buffer, item: SplitItem, where: When): boolean {
  return holds({ doc: scanned(bytes), item, headers: [], query: new URLSearchParams() }, where)
}
