import { isUtf8 } from 'node:buffer'
import type { FetchedFact } from '../../app/facts.ts'
import { indentJson } from '../../core/indent-json.ts'
import { bytesText, durationText, safeText } from '../../core/text.ts'
import type { RecordFailure, StoredRecord } from '../../store/record-ops.ts'
import type { Io } from '../io.ts'
import { command } from './command.ts'
import { moment, type RowLayout, resourceText, shortId } from './event-row.ts'
import type { Paint } from './paint.ts'
import { dataText, iso, jsonLine } from './records.ts'

/** The thing itself, without what the API says around it. */
function thingOf({ body, start, length }: StoredRecord): Buffer | null {
  return body && body.subarray(start, start + length)
}

/** What was fetched, as JSON without its type, its data untouched. */
export function recordJson(io: Pick<Io, 'self'>, record: StoredRecord): string {
  const { at, ms, status, deleted, call, failure, nextAt } = record
  const common = { at: iso(at), status, deleted, call, ms }
  if (failure) {
    const { code, what, why, next } = failure
    const again = nextAt === null ? null : iso(nextAt)
    return jsonLine({ ...common, error: { code, what, why }, ...(next ? { fix: command(io, next) } : {}), next: again })
  }
  return `${jsonLine(common).slice(0, -1)},"data":${dataText(thingOf(record), true)}}`
}

/** A `record` of the stream. */
export function recordLine(io: Pick<Io, 'self'>, record: StoredRecord): string {
  const { eventId } = record
  return `${jsonLine({ type: 'record', eventId }).slice(0, -1)},${recordJson(io, record).slice(1)}`
}

/** What was fetched, when, and by which call. */
export function recordText(io: Io, record: StoredRecord): string {
  const { at, status, call, failure } = record
  const when = moment(at, io.now())
  if (failure) return `not fetched at ${when}: ${failureText(io, record, failure)}`
  if (status === null) return shortText(record)
  return `${shortText(record).replace(/^\w+/, word => `${word} at ${when}`)}: ${safeText(call ?? '')} answered ${status}`
}

/** The same in one short line. */
function shortText({ ms, status, deleted, body, length }: StoredRecord): string {
  if (status === null) return 'deleted: the event itself says so'
  return deleted ? 'deleted' : `fetched in ${durationText(ms)}, ${bytesText(body ? length : 0)}`
}

function failureText(io: Io, { nextAt }: StoredRecord, { what, why, next }: RecordFailure): string {
  const again = nextAt === null ? '' : `, again in ${durationText(Math.max(0, nextAt - io.now()))}`
  const fix = next === null ? '' : `  ${command(io, safeText(next))}`
  return `${safeText(what)}${why === null ? '' : `: ${safeText(why)}`}${again}${fix}`
}

/** What was fetched, indented for reading; nothing where there is nothing to read. */
export function recordData(record: StoredRecord): string | null {
  const thing = record.failure ? null : thingOf(record)
  if (thing === null || thing.length === 0) return null
  if (!isUtf8(thing)) return `(${bytesText(thing.length)} that are no text)`
  return indentJson(thing.toString('utf8'))
    .split('\n')
    .map(line => safeText(line))
    .join('\n')
}

/** The line of a session for what was fetched. */
export function recordFactLine(
  { io, paint, layout }: { io: Io; paint: Paint; layout: RowLayout },
  time: string,
  { record, event }: Pick<FetchedFact, 'record' | 'event'>,
): string {
  const word = record.failure ? paint.warn('record') : paint.good('record')
  const whose = [event.app, resourceText(event), paint.strong(shortId(event.id))].filter(Boolean).join('  ')
  const text = record.failure ? `not fetched: ${failureText(io, record, record.failure)}` : shortText(record)
  return layout.plain(time, word, `${whose}  ${text}`)
}
