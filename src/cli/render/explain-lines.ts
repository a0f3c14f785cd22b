import type { App } from '../../app/app.ts'
import { explainDelivery, explainItem } from '../../app/explain.ts'
import { explainRejected } from '../../app/explain-rejected.ts'
import { compareAttempts } from '../../core/compare-attempts.ts'
import { bytesText, safeText } from '../../core/text.ts'
import type { StoredAttempt } from '../../store/attempt-ops.ts'
import type { StoredDeliveryRow, StoredEvent } from '../../store/event-ops.ts'
import type { StoredRejected } from '../../store/rejected-ops.ts'
import type { Io } from '../io.ts'
import { comparisonLines } from './compared-attempts.ts'
import { moment, resourceText, shortId } from './event-row.ts'
import {
  attemptRows,
  type ExplainRow,
  eventRowOf,
  itemRows,
  proofRows,
  rejectedRows,
  rowLines,
} from './explain-rows.ts'
import { makePaint } from './paint.ts'
import { claimCommand, forwardRecord, iso, jsonLine } from './records.ts'

/** Why an event is whose it is, and what became of it: lines of text, or one `explanation` record. */
export async function explainEventById(io: Io, app: App, seq: number): Promise<string[]> {
  const store = app.store()
  const event = (await store.read('readEvent', { seq })) as StoredEvent
  const delivery = (await store.read('readDelivery', { seq: event.deliverySeq })) as StoredDeliveryRow
  const proof = await explainDelivery(app, delivery)
  const item = await explainItem(app, event, delivery)
  const all = await store.read('attemptsOfDelivery', { deliverySeq: event.deliverySeq })
  const attempts = all.filter(attempt => attempt.eventSeqs.includes(seq))
  const claim = claimCommand(io, event)
  if (io.output === 'json') {
    const { id, deliveryId, app: name, env, tenant, scope, reason, verified } = event
    const whose = { id, deliveryId, app: name, env, tenant, scope, ...(reason ? { reason } : {}), verified }
    const answer = answerOf(delivery)
    const sent = { forwards: attempts.map(forwardRecord), compared: compareAttempts(attempts) }
    return [
      record('event', event.receivedAt, { ...whose, answer, ...proof, ...item, ...(claim ? { claim } : {}), ...sent }),
    ]
  }
  const paint = makePaint(io.color)
  const title = `${paint.strong(safeText(event.event ?? 'unreadable'))}  ${resourceText(event)}  ${paint.faint(event.id)}`
  const of = event.parts > 1 ? `, part ${event.part}/${event.parts}` : ''
  const rows: ExplainRow[] = [
    [
      'tenant',
      event.tenant
        ? paint.tenant(event.tenant)
        : paint.warn(event.scope === 'parked' ? `parked: ${event.reason}` : 'none: the app’s own'),
    ],
    ...(claim ? [['claim it', claim] as ExplainRow] : []),
    receivedRow(io, delivery, `, delivery ${shortId(event.deliveryId)}${of}`),
    ...importedRows(event),
    ...proofRows(io, event, proof),
    ...itemRows(event, item),
    ...(event.repeatOf ? [['repeat of', shortId(event.repeatOf)] as ExplainRow] : []),
    ...attemptRows(io, attempts, notSent(event)),
  ]
  return [title, ...rowLines(io, rows), ...comparedLines(io, attempts)]
}

const mostCompared = 6

/** Two attempts side by side, as far as that fits on one screen with the rest. */
function comparedLines(io: Io, attempts: StoredAttempt[]): string[] {
  return compareAttempts(attempts).flatMap(one => comparisonLines(io, one).slice(0, mostCompared))
}

/** Where an import came from, as the file said. */
function importedRows({ origin }: StoredEvent): ExplainRow[] {
  if (origin === null) return []
  const { deliveryId, app, env, receivedAt } = JSON.parse(origin) as Record<string, string>
  return [['imported', `from ${deliveryId} of ${app} (${env}) in another store, received ${receivedAt}`]]
}

/** Why nothing was sent. */
function notSent({ scope, repeatOf, forwards, source }: StoredEvent): string {
  if (source === 'import') return 'no: what was imported goes nowhere but by whs replay'
  if (scope === 'parked') return 'no: what is parked goes nowhere until it is claimed'
  if (forwards !== '[]') return 'not yet: it waits for its turn, or for a listener'
  return repeatOf ? 'no: it repeats one that was answered or is still waiting' : 'no: no rule takes it, or none was set'
}

function receivedRow(
  io: Io,
  { receivedAt, app, env, status }: Pick<StoredDeliveryRow, 'receivedAt' | 'app' | 'env' | 'status'>,
  more: string,
): ExplainRow {
  return ['received', `${moment(receivedAt, io.now())} at ${app} (${env}), answered ${status}${more}`]
}

function answerOf({ status, receivedAt }: Pick<StoredDeliveryRow, 'status' | 'receivedAt'>): object {
  return { status, at: iso(receivedAt) }
}

function record(of: 'event' | 'delivery' | 'rejected', at: number, facts: object): string {
  return jsonLine({ type: 'explanation', at: iso(at), of, ...facts })
}

/** What proved a delivery, how it was split, and what became of each event in it. */
export async function explainDeliveryById(io: Io, app: App, seq: number): Promise<string[]> {
  const store = app.store()
  const delivery = (await store.read('readDelivery', { seq })) as StoredDeliveryRow
  const events = await store.read('eventsOfDelivery', { deliverySeq: seq })
  const attempts = await store.read('attemptsOfDelivery', { deliverySeq: seq })
  const facts = await explainDelivery(app, delivery)
  const { id, app: name, env, receivedAt, items, parts } = delivery
  const verified = delivery.verified as StoredEvent['verified']
  if (io.output === 'json') {
    const each = await Promise.all(
      events.map(async event => ({
        id: event.id,
        tenant: event.tenant,
        scope: event.scope,
        ...(await explainItem(app, event, delivery)),
      })),
    )
    const answer = answerOf(delivery)
    const forwards = attempts.map(forwardRecord)
    return [
      record('delivery', receivedAt, {
        id,
        app: name,
        env,
        verified,
        answer,
        ...facts,
        items,
        parts,
        events: each,
        forwards,
      }),
    ]
  }
  const paint = makePaint(io.color)
  const [first] = events
  const item = first && (await explainItem(app, first, delivery))
  const most = 6
  const left = events.length - most
  const rows: ExplainRow[] = [
    receivedRow(io, delivery, `, ${delivery.method}, ${bytesText(delivery.body.length)}`),
    ...proofRows(io, { verified, source: delivery.source }, facts),
    ...(item ? [['split', safeText(item.split.replace(/, this one at .*$/, ''))] as ExplainRow] : []),
    ...events.slice(0, most).map(event => eventRowOf(io, event)),
    ...(left > 0 ? [['', `… ${left} more`] as ExplainRow] : []),
    ...attemptRows(io, attempts, 'no: nothing of it was sent'),
  ]
  return [`${paint.strong('delivery')}  ${paint.faint(id)}`, ...rowLines(io, rows)]
}

/** Why a request did not verify, with everything that was tried. */
export async function explainRejectedById(io: Io, app: App, seq: number): Promise<string[]> {
  const rejected = (await app.store().read('readRejected', { seq })) as StoredRejected
  const facts = await explainRejected(app, rejected)
  const { id, app: name, env, reason, detail, receivedAt, bytes, method, path, suffix, source } = rejected
  if (io.output === 'json') {
    const request = { method, path: path + suffix, bytes }
    return [
      record('rejected', receivedAt, {
        id,
        app: name,
        env,
        answer: answerOf(rejected),
        reason,
        detail,
        source,
        request,
        ...facts,
      }),
    ]
  }
  const paint = makePaint(io.color)
  const rows: ExplainRow[] = [
    receivedRow(io, rejected, ''),
    ['request', `${method} ${safeText(path + suffix)}  ${bytesText(bytes)}`],
    ['reason', `${reason}: ${safeText(detail)}`],
    ...rejectedRows(io, facts),
  ]
  return [`${paint.bad('rejected')}  ${paint.faint(id)}`, ...rowLines(io, rows)]
}
