import type { Buffer } from 'node:buffer'
import type { RawHeaders } from './headers.ts'
import { maskHeaders } from './redact.ts'
import { isSuccess } from './retry.ts'
import { clip, durationText, safeText } from './text.ts'

/** What a target answered to one try, or what stood in the way. */
export interface ComparedAttempt {
  target: string
  at: number
  ms: number
  status: number | null
  error: string | null
  /** A JSON array, as it is stored. */
  headers: string | null
  body: Buffer | null
}

/** One thing in which two attempts differ, as text; `null` where one has nothing there. */
export interface Difference {
  name: string
  values: [before: string | null, after: string | null]
}

/** Two attempts at one target side by side, the earlier one first. */
export interface Comparison {
  target: string
  /** Places in the list of attempts at this target, from 1. */
  attempts: [before: number, after: number]
  times: [before: number, after: number]
  /** `fixed since attempt 2`, `broken since attempt 3`, `fails in another way since attempt 2`, `the same each time`. */
  verdict: string
  differences: Difference[]
}

/**
 * The attempts of one event compared, once a target that was tried at least twice: the last one with the one where it
 * began to be as it is now. Attempts come oldest first.
 */
export function compareAttempts(attempts: ComparedAttempt[]): Comparison[] {
  const targets = [...new Set(attempts.map(({ target }) => target))]
  return targets.flatMap(target => {
    const own = attempts.filter(one => one.target === target)
    return own.length < 2 ? [] : [compareOwn(own)]
  })
}

function compareOwn(own: ComparedAttempt[]): Comparison {
  const last = own.at(-1) as ComparedAttempt
  const before = own.findLastIndex(one => outcomeOf(one) !== outcomeOf(last))
  const [left, right] = before < 0 ? [own.length - 2, own.length - 1] : [before, before + 1]
  const pair: [ComparedAttempt, ComparedAttempt] = [own[left] as ComparedAttempt, own[right] as ComparedAttempt]
  return {
    target: last.target,
    attempts: [left + 1, right + 1],
    times: [pair[0].at, pair[1].at],
    verdict: before < 0 ? 'the same each time' : verdictOf(pair, right + 1),
    differences: differencesOf(pair),
  }
}

function verdictOf([before, after]: [ComparedAttempt, ComparedAttempt], since: number): string {
  const wasGood = isSuccess(before.status)
  if (isSuccess(after.status)) return wasGood ? `another answer since attempt ${since}` : `fixed since attempt ${since}`
  return wasGood ? `broken since attempt ${since}` : `fails in another way since attempt ${since}`
}

/** What makes two attempts alike: all good answers of a status are, and what failed alike says the same kind of thing. */
function outcomeOf({ status, error }: ComparedAttempt): string {
  return status === null ? ((error ?? '').split(':')[0] as string) : String(status)
}

function differencesOf([before, after]: [ComparedAttempt, ComparedAttempt]): Difference[] {
  const rows: Difference[] = [
    { name: 'status', values: [statusText(before), statusText(after)] },
    { name: 'time', values: [durationText(before.ms), durationText(after.ms)] },
    ...headerDifferences(headersOf(before), headersOf(after)),
  ]
  const bodies = bodyDifference(bodyText(before), bodyText(after))
  return bodies ? [...rows, { name: 'body', values: bodies }] : rows
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
