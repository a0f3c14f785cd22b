import { Buffer } from 'node:buffer'
import { applyEdits, type Edit, setScalar } from '../../core/cut.ts'
import { type JsonDoc, rawAt, scalarAt } from '../../core/json-scan.ts'
import { find, rootItem, type SplitItem } from '../../core/path.ts'
import type { RecordRead } from '../../core/record-definition.ts'
import { readingFor, thingPath, wordIn } from '../../core/record-reading.ts'
import { sameTimeFormat } from '../../core/sample-values.ts'
import { splitItems } from '../../core/split.ts'
import type { Path } from '../../core/value-definition.ts'
import type { Company, SimulatedRecord } from '../companies.ts'
import type { World } from '../world.ts'
import { jsonType } from './failed-reply.ts'
import type { Answered, KnownCall } from './known-call.ts'
import { scanned } from './put-json.ts'
import { makeHold } from './write-answer.ts'

type Slots = Record<string, string>

/** The calls that read things. */
export function recordsOf(world: World): KnownCall[] {
  return (world.definition.record ?? []).map(read => ({
    call: read.call,
    answer: ({ companies }, slots) => readRecord(world, read, companies, slots),
  }))
}

/** The API's answer for one record of the companies that the caller may see. */
function readRecord(world: World, read: RecordRead, companies: Company[], slots: Slots): Answered {
  const held = companies
    .flatMap(({ records }) => records)
    .find(one => !one.deleted && isMeant(read, one, slots) && world.fixtures.recordTypes.includes(one.type))
  const found = held ?? toldByFeed(world, read, slots)
  return found ? recordReply(world, read, found) : goneReply(world, read)
}

/** As the definition says it, where no other refusal is known. */
function goneReply({ fixtures }: World, { gone: [said] = [] }: RecordRead): Answered {
  if (said === undefined || fixtures.refusal('not-found') !== undefined) return 'not-found'
  const status = [said.status].flat()[0] ?? 404
  return { status, headers: jsonType, body: makeHold(Buffer.from('{}'), said.when) }
}

/** Things of which only feeds tell, with ids of their own making: whichever is asked for is there. */
function toldByFeed(
  { fixtures, companies, now }: World,
  read: RecordRead,
  { resourceId }: Slots,
): SimulatedRecord | undefined {
  const isHeld = (type: string): boolean => companies.some(({ records }) => records.some(one => one.type === type))
  const type = fixtures.recordTypes.find(one => wordIn(read, one) !== undefined && !isHeld(one))
  if (type === undefined || resourceId === undefined) return undefined
  return { type, id: resourceId, updatedAt: now(), deleted: false }
}

/** Whether a request speaks of a record: its type, by the event's word or the API's, and its id, or the pieces of it. */
function isMeant(read: RecordRead, { type, id }: SimulatedRecord, slots: Slots): boolean {
  const word = wordIn(read, type)
  const { resourceId, resourceType, resource } = slots
  if (word === undefined || (resource ?? word).toLowerCase() !== word.toLowerCase()) return false
  if ((resourceType ?? type).toLowerCase() !== type.toLowerCase()) return false
  if (resourceId !== undefined) return id === resourceId
  return Object.keys(read.slots ?? {}).every(name => slots[name] === undefined || isPieceOf(slots[name], id))
}

/** Ids that are made of several values hold each of them; an API's global id ends in the plain one. */
function isPieceOf(piece: string, id: string): boolean {
  return id.includes(piece) || piece.endsWith(`/${id}`)
}

/** The API's answer for a record: the fixture's bytes with its own id and time. */
function recordReply(world: World, read: RecordRead, held: SimulatedRecord): Buffer {
  const bytes = world.fixtures.record(held.type)
  const { doc, item } = itemAt(bytes, read, held.type)
  const edits: Edit[] = []
  write(usualIds, () => held.id)
  write(timesOf(world), old => sameTimeFormat(old, held.updatedAt))
  return applyEdits(bytes, edits)

  function write(paths: Path[], text: (old: string) => string): void {
    const found = paths.flatMap(path => find(doc, path, item) ?? [])[0]
    const old = found && scalarAt(doc, found.node)
    if (found && old !== undefined) edits.push(setScalar(doc, found.node, text(old)))
  }
}

/** Where the definition's feeds read when a thing was changed. */
function timesOf({ definition }: World): Path[] {
  const shapes = (definition.feeds ?? []).flatMap(feed => feed.shapes)
  return shapes.flatMap(({ time }) => (typeof time === 'string' && time.startsWith('@') ? [time] : []))
}

/** Where APIs usually say the id of a thing, for definitions that do not say it. */
const usualIds = ['@.id', '@.Id', '@.ID', '@.gid', '@.uuid', '@.uri']

function itemAt(body: Buffer, read: RecordRead, type: string): { doc: JsonDoc; item: SplitItem } {
  const doc = scanned(body)
  const path = thingPath(read, { resourceType: type, resource: wordIn(read, type) ?? type })
  const item = splitItems(doc, [path])?.find(({ whole }) => whole)
  return { doc, item: item ?? rootItem }
}

/** A thing as the API's answer for it has it; undefined where there is no record of its type. */
export function recordItem(world: World, type: string, id: string): string | undefined {
  const fitting = readingFor(world.definition, type)
  if (!fitting || !world.fixtures.recordTypes.includes(type)) return undefined
  const held = { type, id, updatedAt: world.now(), deleted: false }
  const { doc, item } = itemAt(recordReply(world, fitting.read, held), fitting.read, type)
  return rawAt(doc, item.node)
}
