import { Buffer } from 'node:buffer'
import { applyEdits, type Edit, setScalar } from '../../core/cut.ts'
import type { CatchUp, RecordRead } from '../../core/definition.ts'
import { type JsonDoc, rawAt, scalarAt } from '../../core/json-scan.ts'
import { compilePath, find, rootItem, type SplitItem, type Step } from '../../core/path.ts'
import { sameTimeFormat } from '../../core/sample-values.ts'
import type { Path } from '../../core/value-definition.ts'
import type { Company, SimulatedRecord } from '../companies.ts'
import type { RefusalName } from '../fixtures.ts'
import type { World } from '../world.ts'
import { scanned } from './put-json.ts'

const dayMs = 86_400_000
type Slots = Record<string, string>

/** The API's answer for one record of the companies that the caller may see. */
export function readRecord(
  world: World,
  record: RecordRead,
  companies: Company[],
  { resourceType, resource, resourceId = '' }: Slots,
): Buffer | RefusalName {
  const held = companies
    .flatMap(({ records }) => records)
    .find(one => one.id === resourceId && !one.deleted && isOfType(record, one.type, resourceType ?? resource))
  return held && world.fixtures.recordTypes.includes(held.type) ? recordReply(world, record, held) : 'not-found'
}

/** Whether a type is the one that a URL names, in its own word or the API's. Without a word any fits. */
function isOfType({ words }: RecordRead, type: string, word: string | undefined): boolean {
  if (word === undefined) return true
  const own = type.toLowerCase()
  const asked = word.toLowerCase()
  return asked === own || (words?.[own] ?? words?.[type])?.toLowerCase() === asked
}

/** The API's answer for a record: the fixture's bytes with its own id and time. */
function recordReply(world: World, record: RecordRead, held: SimulatedRecord): Buffer {
  const { catchUp } = world.definition
  const bytes = world.fixtures.record(held.type)
  const { doc, item } = itemAt(bytes, typed(record, held.type))
  const edits: Edit[] = []
  write(catchUp ? [catchUp.id] : usualIds, () => held.id)
  write(catchUp ? [catchUp.time] : [], old => sameTimeFormat(old, held.updatedAt))
  return applyEdits(bytes, edits)

  function write(paths: Path[], text: (old: string) => string): void {
    const found = paths.flatMap(path => find(doc, path, item) ?? [])[0]
    const old = found && scalarAt(doc, found.node)
    if (found && old !== undefined) edits.push(setScalar(doc, found.node, text(old)))
  }
}

/** Where APIs usually say the id of a thing, for definitions that do not say it. */
const usualIds = ['@.id', '@.Id', '@.ID', '@.gid', '@.uuid']

/** `{Resource}`, `{resourceType}` and `{resource}` filled in. */
function typed({ at, words }: RecordRead, type: string): Path {
  const plain = type.toLowerCase()
  return at
    .replaceAll('{Resource}', type.slice(0, 1).toUpperCase() + type.slice(1))
    .replaceAll('{resourceType}', type)
    .replaceAll('{resource}', words?.[type] ?? words?.[plain] ?? type)
}

function itemAt(body: Buffer, at: Path): { doc: JsonDoc; item: SplitItem } {
  const doc = scanned(body)
  const found = find(doc, at, rootItem)
  return { doc, item: found ? { ...found, stars: [] } : rootItem }
}

/** What changed since a time, by type, deleted records marked. */
export function changedSince(
  world: World,
  catchUp: CatchUp,
  company: Company | undefined,
  slots: Slots,
): Buffer | RefusalName {
  const since = Date.parse(slots.since ?? '')
  const types = (slots.types ?? '').split(',').filter(type => type !== '')
  const unknown = types.some(type => !catchUp.types.includes(type))
  const old = since < world.now() - catchUp.maxDays * dayMs
  if (!company || Number.isNaN(since) || types.length === 0 || unknown || old) return 'bad-request'
  const changed = company.records.filter(({ updatedAt }) => updatedAt >= since)
  const lists = types.map((type): [string, unknown[]] => [
    type,
    changed.filter(record => record.type === type).map(record => changedItem(world, catchUp, record)),
  ])
  const [prefix, suffix] = catchUp.items.split('.{Resource}')
  const { steps } = compilePath(prefix as string)
  const elements =
    suffix === undefined ? lists.flatMap(([, items]) => items) : lists.map(list => Object.fromEntries([list]))
  const answer = { ...(nest(steps, elements) as object), time: new Date(world.now()).toISOString() }
  return Buffer.from(JSON.stringify(answer))
}

function changedItem(world: World, catchUp: CatchUp, held: SimulatedRecord): unknown {
  const { record } = world.definition
  if (!held.deleted && record && world.fixtures.recordTypes.includes(held.type)) {
    const { doc, item } = itemAt(recordReply(world, record, held), typed(record, held.type))
    return JSON.parse(rawAt(doc, item.node))
  }
  const item = {}
  if (held.deleted) setAt(item, catchUp.deleted.path, catchUp.deleted.equals)
  setAt(item, catchUp.id, held.id)
  setAt(item, catchUp.time, new Date(held.updatedAt).toISOString())
  return item
}

function setAt(item: object, path: Path, value: string): void {
  const keys = compilePath(path).steps.flatMap(step => (typeof step === 'object' && 'key' in step ? [step.key] : []))
  let at = item as Record<string, unknown>
  for (const key of keys.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>
  at[keys.at(-1) as string] = value
}

/** The objects and arrays of a path around elements: they stand in its last array. */
function nest(steps: Step[], elements: unknown[]): unknown {
  const [step, ...rest] = steps
  if (step === undefined) return Object.assign({}, ...elements)
  if (step !== 'every') return 'key' in step ? { [step.key]: nest(rest, elements) } : [nest(rest, elements)]
  return rest.includes('every') ? [nest(rest, elements)] : elements.map(one => nest(rest, [one]))
}
