import type { Buffer } from 'node:buffer'
import type { RawHeaders } from './headers.ts'
import { maskHeaders } from './redact.ts'
import { isSuccess } from './retry.ts'
import { clip, durationText, safeText } from './text.ts'

/** What a target answered to one try, or what stood in the way. */
export interface ComparedAttempt {
  target: string
  tenant: string | null
  eventSeqs: number[]
  at: number
  ms: number
  status: number | null
  error: string | null
  /** A JSON array, as it is stored. */
  headers: string | null
  body: Buffer | null
  /** What a person changed for it, in words; null where it went as it came. */
  changed: string | null
  /** A replay with the signature as it came. */
  kept: boolean
}

/** One thing in which two attempts differ, as text; `null` where one has nothing there. */
export interface Difference {
  name: string
  values: [before: string | null, after: string | null]
}

/** Two attempts at one target side by side, the earlier one first. */
export interface Comparison {
  target: string
  tenant: string | null
  /** Places in the list of attempts at this target, from 1. */
  attempts: [before: number, after: number]
  times: [before: number, after: number]
  /** What is special about each: what was changed in it, or that its signature was kept. */
  marks: [before: string | null, after: string | null]
  /**
   * Of attempts that went as the event came: `fixed since attempt 2`, `broken since attempt 3`, `fails in another way since
   * attempt 2`, `the same each time`. Of one that was changed only how that compares with the event as it came.
   */
  verdict: string
  differences: Difference[]
}

/**
 * Attempts by what they were tries at, in the order of the first ones: the same target and tenant, and, where they are
 * those of a whole delivery, the same events of it.
 */
export function attemptGroups<T extends ComparedAttempt>(attempts: T[], of: 'event' | 'delivery'): T[][] {
  const groups = new Map<string, T[]>()
  for (const attempt of attempts) {
    const { target, tenant, eventSeqs } = attempt
    const key = JSON.stringify([target, tenant, of === 'delivery' ? eventSeqs : []])
    const group = groups.get(key)
    if (group) group.push(attempt)
    else groups.set(key, [attempt])
  }
  return [...groups.values()]
}

/**
 * The attempts of an event or a delivery compared, once per thing that was tried at least twice: the last one with the
 * one where it began to be as it is now. Attempts come oldest first.
 */
export function compareAttempts(attempts: ComparedAttempt[], of: 'event' | 'delivery'): Comparison[] {
  return attemptGroups(attempts, of)
    .filter(group => group.length > 1)
    .map(compareGroup)
}

/** What is special about an attempt, in words; null where nothing is. */
export function markOf({ changed, kept }: Pick<ComparedAttempt, 'changed' | 'kept'>): string | null {
  return changed ?? (kept ? 'signature kept' : null)
}

function compareGroup(group: ComparedAttempt[]): Comparison {
  const { pair, verdict } = chosenPair(group)
  const [before, after] = pair
  return {
    target: after.target,
    tenant: after.tenant,
    attempts: [group.indexOf(before) + 1, group.indexOf(after) + 1],
    times: [before.at, after.at],
    marks: [markOf(before), markOf(after)],
    verdict,
    differences: differencesOf(pair),
  }
}

type Pair = [before: ComparedAttempt, after: ComparedAttempt]

/** A handler is fixed or broken by what it said to the event as it came; to another event it may say anything. */
function chosenPair(group: ComparedAttempt[]): { pair: Pair; verdict: string } {
  const last = group.at(-1) as ComparedAttempt
  const plain = group.filter(({ changed }) => changed === null)
  const changed = group.filter(one => one.changed !== null)
  if (plain.length < 2 || last.changed !== null) {
    const other = (last.changed === null ? changed : plain).at(-1)
    const pair: Pair = [other ?? (changed.at(-2) as ComparedAttempt), last]
    return { pair, verdict: other ? changedVerdict(pair, group) : eachChangedVerdict(pair) }
  }
  const at = plain.findLastIndex(one => outcomeOf(one) !== outcomeOf(last))
  const from = at < 0 ? plain.length - 2 : at
  const pair: Pair = [plain[from] as ComparedAttempt, plain[from + 1] as ComparedAttempt]
  const same = changed.length > 0 ? 'the same each time as it came' : 'the same each time'
  return { pair, verdict: at < 0 ? same : verdictOf(pair, group.indexOf(pair[1]) + 1) }
}

function verdictOf([before, after]: Pair, since: number): string {
  const wasGood = isSuccess(before.status)
  if (isSuccess(after.status)) return wasGood ? `another answer since attempt ${since}` : `fixed since attempt ${since}`
  return wasGood ? `broken since attempt ${since}` : `fails in another way since attempt ${since}`
}

function changedVerdict(pair: Pair, group: ComparedAttempt[]): string {
  const [plain, other] = pair[0].changed === null ? pair : [pair[1], pair[0]]
  const as = `as changed (attempt ${group.indexOf(other) + 1}: ${other.changed})`
  if (outcomeOf(plain) === outcomeOf(other)) return `the same as it came and ${as}`
  if (isSuccess(other.status)) return isSuccess(plain.status) ? `another answer ${as}` : `taken only ${as}`
  return isSuccess(plain.status) ? `taken as it came, not ${as}` : `fails in another way ${as}`
}

function eachChangedVerdict([before, after]: Pair): string {
  return outcomeOf(before) === outcomeOf(after) ? 'the same each time, each changed' : 'another answer, each changed'
}

/** What makes two attempts alike: all good answers of a status are, and what failed alike says the same kind of thing. */
function outcomeOf({ status, error }: ComparedAttempt): string {
  return status === null ? ((error ?? '').split(':')[0] as string) : String(status)
}

function differencesOf([before, after]: Pair): Difference[] {
  const bodies = bodyDifference(bodyText(before), bodyText(after))
  return [
    { name: 'status', values: [statusText(before), statusText(after)] },
    { name: 'time', values: [durationText(before.ms), durationText(after.ms)] },
    ...(bodies ? [{ name: 'body', values: bodies }] : []),
    ...headerDifferences(headersOf(before), headersOf(after)),
  ]
}

function statusText({ status, error }: ComparedAttempt): string {
  return status === null ? clip(safeText(error ?? 'no answer'), 80) : String(status)
}

/** Headers that are another one with every answer and say nothing of the handler. */
const alwaysOther = new Set(['date', 'connection', 'keep-alive', 'content-length', 'etag', 'transfer-encoding'])

function headersOf({ headers }: ComparedAttempt): Map<string, string> {
  const found = new Map<string, string>()
  const masked = maskHeaders(JSON.parse(headers ?? '[]') as RawHeaders)
  for (let index = 0; index < masked.length; index += 2) {
    const name = safeText((masked[index] as string).toLowerCase())
    if (alwaysOther.has(name)) continue
    const value = safeText(masked[index + 1] as string)
    found.set(name, found.has(name) ? `${found.get(name)}, ${value}` : value)
  }
  return found
}

function headerDifferences(before: Map<string, string>, after: Map<string, string>): Difference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort()
  return names
    .filter(name => before.get(name) !== after.get(name))
    .map(name => ({ name: `header ${name}`, values: [before.get(name) ?? null, after.get(name) ?? null] }))
}

function bodyText({ body }: ComparedAttempt): string {
  return safeText(body?.toString('utf8').trim() ?? '')
}

const shown = 200
const lead = 20

/** The bodies from shortly before where they begin to differ; undefined where they are the same. */
function bodyDifference(before: string, after: string): Difference['values'] | undefined {
  if (before === after) return undefined
  let same = 0
  while (same < before.length && before[same] === after[same]) same++
  const from = same <= shown / 2 ? 0 : same - lead
  const piece = (text: string): string | null =>
    text === '' ? null : `${from > 0 ? '…' : ''}${clip(text.slice(from), shown)}`
  return [piece(before), piece(after)]
}
