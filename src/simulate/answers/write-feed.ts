import { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../../core/definition.ts'
import type { Feed } from '../../core/feed-definition.ts'
import { readFeed } from '../../core/read-feed.ts'
import { freshId, sameTimeFormat } from '../../core/sample-values.ts'
import { answerContext, readValue } from '../../core/value.ts'
import type { Value } from '../../core/value-definition.ts'
import type { Shape } from '../../core/webhook-definition.ts'
import type { PastChange } from '../history.ts'
import { itemContext, makeHold, type PickItem, writeAnswer } from './write-answer.ts'

/**
 * An answer whose item, one of a feed, tells of a change: by the shape that says the same event, else by the last that can
 * be written.
 */
export function writeChange(
  definition: ProviderDefinition,
  feed: Feed,
  bytes: Buffer,
  pick: PickItem,
  change: PastChange,
): Buffer {
  // A ping and what it leaves out are two events, each with an id of its own.
  const told = feed.use.includes('follow-up') ? { ...change, id: null } : change
  const written = feed.shapes.flatMap(shape => {
    try {
      return [writeShape(shape, bytes, pick, told)]
    } catch {
      return []
    }
  })
  return written.find(one => eventAt(definition, feed, one, pick) === change.event) ?? written.at(-1) ?? bytes
}

function eventAt(definition: ProviderDefinition, feed: Feed, bytes: Buffer, pick: PickItem): string | null {
  const context = answerContext(bytes)
  const items = context && readFeed(definition, feed, context, true)
  if (!context || !items || 'fault' in items) return null
  const { pointer } = pick(context.doc)
  return items.find(item => item.pointer === pointer)?.event ?? null
}

function writeShape(shape: Shape, bytes: Buffer, pick: PickItem, change: PastChange): Buffer {
  const { time, id, derived = [], providerEvent, resource, accounts } = shape
  let written = bytes
  const put = (value: Value | undefined, text: string | null): void => {
    if (value !== undefined && text !== null) written = writeAnswer(written, value, text, pick)
  }
  const read = (value: Value): string => readValue(itemContext(written, pick), value)?.text ?? ''
  if (canSay(providerEvent, change.providerEvent)) put(providerEvent, change.providerEvent)
  // Each change is another item, whatever makes its id; what says more than that stays.
  const said = [time, providerEvent, resource?.type].flatMap(pathsIn)
  for (const piece of [...piecesOf(id), ...derived]) {
    if (typeof piece === 'string' && !said.includes(piece)) put(piece, freshText(read(piece), change))
  }
  if (id !== undefined && change.id !== null) put(id, change.id)
  if (resource && change.resource) {
    if (typeof resource.type === 'string') put(resource.type, change.resource.type)
    put(resource.id, change.resource.id)
  }
  for (const entry of accounts) {
    for (const { kind, at } of 'agree' in entry ? entry.agree : [entry]) put(at, change.company.values[kind] ?? null)
  }
  if (time !== undefined) put(time, sameTimeFormat(read(time), change.at))
  // Last, since a condition may be that two of these are the same.
  return makeHold(written, shape.when, pick)
}

/** Of words that mean others only those can be written. */
function canSay(value: Value, text: string): boolean {
  return typeof value === 'string' || !('map' in value) || Object.values(value.map.words).includes(text)
}

/** The places that a value is read from. */
function pathsIn(value: Value | undefined): string[] {
  if (value === undefined) return []
  if (typeof value === 'string') return [value]
  if ('map' in value) return pathsIn(value.map.of)
  if ('capture' in value) return pathsIn(value.capture.of)
  if ('join' in value) return value.join.flatMap(pathsIn)
  return 'first' in value ? value.first.flatMap(pathsIn) : []
}

/** The parts of an id that is joined. */
function piecesOf(id: Value | undefined): Value[] {
  if (id === undefined) return []
  return typeof id === 'object' && 'join' in id ? id.join : [id]
}

function freshText(old: string, { number }: PastChange): string {
  if (/^\d+$/.test(old)) return String(number)
  return freshId(old, Buffer.from(`change ${number}`), number)
}
