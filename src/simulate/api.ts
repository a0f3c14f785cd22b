import type { Buffer } from 'node:buffer'
import { applyEdits, type Edit, setScalar } from '../core/cut.ts'
import type { Call, CatchUp, Path } from '../core/definition.ts'
import { type JsonDoc, rawAt, scalarAt, scanJson } from '../core/json-scan.ts'
import { compilePath, find, type SplitItem, type Step } from '../core/path.ts'
import { sameTimeFormat } from '../core/sample-values.ts'
import type { Reply, RouteRequest } from '../net/door.ts'
import type { Company, SimulatedRecord } from './companies.ts'
import type { RefusalName } from './fixtures.ts'
import { matchUrl } from './match-url.ts'
import type { World } from './world.ts'

const dayMs = 86_400_000

/** The calls of the definition that prove an account, read a record, and catch up; undefined for any other request. */
export function answerApi(world: World, role: string, path: string, request: RouteRequest): Reply | undefined {
  const { accounts, record, catchUp } = world.definition
  for (const { kind, consent } of accounts) {
    const slots = matchCall(consent.prove, role, path, request)
    if (slots) return authorised(world, request, kind, slots, company => prove(world, kind, company))
  }
  const kind = accounts[0]?.kind ?? ''
  const since = catchUp && matchCall(catchUp.call, role, path, request)
  if (since) return authorised(world, request, kind, since, company => changedSince(world, catchUp, company, since))
  const read = record && matchCall(record.call, role, path, request)
  if (read) return authorised(world, request, kind, read, company => readOne(world, record.at, company, read))
  return undefined
}

type Slots = Record<string, string>

function matchCall(call: Call, role: string, path: string, { method, query }: RouteRequest): Slots | undefined {
  return call.method === method ? matchUrl(call.url, role, path, query) : undefined
}

/** A token opens the company that consented, and no other. */
function authorised(
  world: World,
  { headers }: RouteRequest,
  kind: string,
  slots: Slots,
  answer: (company: Company) => Reply,
): Reply {
  const token = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const grant = token && world.grants.grantOf(token)
  if (!grant) return refusal(world, 'unauthorized')
  if (slots.account !== undefined && grant.company.values[kind] !== slots.account) return refusal(world, 'forbidden')
  return answer(grant.company)
}

function prove(world: World, kind: string, company: Company): Reply {
  const { consent } = world.definition.accounts.find(account => account.kind === kind) ?? {}
  const body = world.fixtures.proof(kind)
  return ok(
    written(body, '', [
      [consent?.name, () => company.name],
      [consent?.equals, () => company.values[kind] ?? ''],
    ]),
  )
}

function readOne(world: World, at: Path, company: Company, slots: Slots): Reply {
  const { resourceType = '', resourceId = '' } = slots
  const type = [...world.fixtures.records.keys()].find(one => one.toLowerCase() === resourceType.toLowerCase())
  const record = company.records.find(one => one.type === type && one.id === resourceId && !one.deleted)
  return record ? ok(recordReply(world, at, record)) : refusal(world, 'not-found')
}

/** The API's answer for a record: the fixture's bytes with its own id and time. */
function recordReply(world: World, at: Path, record: SimulatedRecord): Buffer {
  const { catchUp } = world.definition
  return written(world.fixtures.records.get(record.type) as Buffer, typed(at, record.type), [
    [catchUp?.id, () => record.id],
    [catchUp?.time, old => sameTimeFormat(old, record.updatedAt)],
  ])
}

function typed(path: Path, type: string): Path {
  return path.replaceAll('{Resource}', type)
}

/** A reply with values written through paths; `@` is what stands at `at`. */
function written(body: Buffer, at: Path, values: [Path | undefined, (old: string) => string][]): Buffer {
  const { doc, item } = itemAt(body, at)
  const edits: Edit[] = []
  for (const [path, text] of values) {
    const found = path && find(doc, path, item)
    const old = found && scalarAt(doc, found.node)
    if (found && old !== undefined) edits.push(setScalar(doc, found.node, text(old)))
  }
  return applyEdits(body, edits)
}

function itemAt(body: Buffer, at: Path): { doc: JsonDoc; item: SplitItem } {
  const doc = scanJson(body)
  if ('fault' in doc) throw new Error(`a fixture is no JSON: ${doc.fault}`)
  const root = { node: 0, pointer: '', stars: [] }
  const found = at === '' ? root : find(doc, at, root)
  if (!found) throw new Error(`a fixture has nothing at ${at}`)
  return { doc, item: { ...found, stars: [] } }
}

function changedSince(world: World, catchUp: CatchUp, company: Company, slots: Slots): Reply {
  const since = Date.parse(slots.since ?? '')
  const types = (slots.types ?? '').split(',').filter(type => type !== '')
  const unknown = types.some(type => !catchUp.types.includes(type))
  const old = since < world.now() - catchUp.maxDays * dayMs
  if (Number.isNaN(since) || types.length === 0 || unknown || old) return refusal(world, 'bad-request')
  const changed = company.records.filter(({ updatedAt }) => updatedAt >= since)
  const lists = types.map((type): [string, unknown[]] => [
    type,
    changed.filter(record => record.type === type).map(record => changedItem(world, catchUp, record)),
  ])
  const [prefix, suffix] = catchUp.items.split('.{Resource}')
  const { steps } = compilePath(prefix as string)
  const elements =
    suffix === undefined ? lists.flatMap(([, items]) => items) : lists.map(list => Object.fromEntries([list]))
  return ok(JSON.stringify({ ...(nest(steps, elements) as object), time: new Date(world.now()).toISOString() }))
}

function changedItem(world: World, catchUp: CatchUp, record: SimulatedRecord): unknown {
  const at = world.definition.record?.at
  if (!record.deleted && at) {
    const reply = recordReply(world, at, record)
    const { doc, item } = itemAt(reply, typed(at, record.type))
    return JSON.parse(rawAt(doc, item.node))
  }
  const item = {}
  setAt(item, catchUp.deleted.path, catchUp.deleted.equals)
  setAt(item, catchUp.id, record.id)
  setAt(item, catchUp.time, new Date(record.updatedAt).toISOString())
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

const jsonType = { 'content-type': 'application/json;charset=UTF-8' }

function ok(body: string | Buffer): Reply {
  return { status: 200, headers: jsonType, body }
}

function refusal(world: World, name: RefusalName): Reply {
  const { status, body } = world.fixtures.refusal(name)
  return { status, headers: jsonType, body }
}
