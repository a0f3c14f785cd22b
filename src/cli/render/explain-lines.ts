import type { App } from '../../app/app.ts'
import { explainDelivery, explainItem } from '../../app/explain.ts'
import { explainRejected } from '../../app/explain-rejected.ts'
import { type ExplainedSending, explainForwards, explainSending } from '../../app/explain-sending.ts'
import { compareAttempts } from '../../core/compare-attempts.ts'
import { bytesText, safeText } from '../../core/text.ts'
import type { StoredDeliveryRow, StoredEvent } from '../../store/event-ops.ts'
import type { StoredRejected } from '../../store/rejected-ops.ts'
import type { Io } from '../io.ts'
import { comparedLines, type SendingDetail, sendingRows } from './attempt-rows.ts'
import { command } from './command.ts'
import { moment, resourceText, shortId } from './event-row.ts'
import { type ExplainRow, eventRowOf, itemRows, proofRows, rejectedRows, rowLines } from './explain-rows.ts'
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
  const sending = await explainSending(app, event)
  const claim = claimCommand(io, event)
  if (io.output === 'json') {
    const { id, deliveryId, app: name, env, tenant, scope, reason, verified } = event
    const whose = { id, deliveryId, app: name, env, tenant, scope, ...(reason ? { reason } : {}), verified }
    const answer = answerOf(delivery)
    const sent = { forwards: attempts.map(one => forwardRecord(io, one)), compared: compareAttempts(attempts, 'event') }
    const facts = { ...whose, answer, ...proof, ...item, ...(claim ? { claim } : {}), ...sendingFacts(io, sending) }
    return [record('event', event.receivedAt, { ...facts, ...sent })]
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
  ]
  const read = itemRows(event, item)
  const repeat: ExplainRow[] = event.repeatOf ? [['repeat of', shortId(event.repeatOf)]] : []
  const least = read.filter(([label]) => label !== 'not' && label !== 'connection')
  return fitting(detail => [
    title,
    ...rowLines(io, [
      ...rows,
      ...(detail === details[0] ? read : least),
      ...repeat,
      ...notSentRows(io, sending),
      ...sendingRows(io, { forwards: sending.forwards, attempts, of: 'event' }, detail),
    ]),
    ...comparedLines(io, { attempts, of: 'event' }, detail),
  ])
}

/** An explanation is read on one screen. */
const screen = 24

/** How much is told, from all down to what fits a screen. */
const details: SendingDetail[] = [
  { attempts: 4, said: 100, compared: 6 },
  { attempts: 3, said: 60, compared: 4 },
  { attempts: 3, said: 0, compared: 3 },
  { attempts: 2, said: 0, compared: 1 },
  { attempts: 1, said: 0, compared: 0 },
]

function fitting(lines: (detail: SendingDetail) => string[]): string[] {
  let found: string[] = []
  for (const detail of details) {
    found = lines(detail).flatMap(line => line.split('\n'))
    if (found.length <= screen) break
  }
  return found
}

const mostRules = 4

/** Why nothing was sent, rule by rule. */
function notSentRows(io: Io, { none, untaken }: ExplainedSending): ExplainRow[] {
  if (none === null) return []
  const more = untaken.length - mostRules
  return [
    ['forwarded', `no: ${command(io, safeText(none))}`],
    ...untaken.slice(0, mostRules).map(({ rule, why }): ExplainRow => ['rule', safeText(`${rule}: ${why}`)]),
    ...(more > 0 ? [['', `… ${more} more rules`] as ExplainRow] : []),
  ]
}

function sendingFacts(io: Io, { forwards, none, untaken }: ExplainedSending): object {
  const routes = forwards.map(({ target: to, rule, state, waits }) => {
    return { to, rule, state, waits: waits && command(io, waits) }
  })
  return { routes, ...(none === null ? {} : { notSent: { why: command(io, none), rules: untaken } }) }
}

/** Where an import came from, as the file said. */
function importedRows({ origin }: StoredEvent): ExplainRow[] {
  if (origin === null) return []
  const { deliveryId, app, env, receivedAt } = JSON.parse(origin) as Record<string, string>
  return [['imported', `from ${deliveryId} of ${app} (${env}) in another store, received ${receivedAt}`]]
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
    const sent = {
      forwards: attempts.map(one => forwardRecord(io, one)),
      compared: compareAttempts(attempts, 'delivery'),
    }
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
        ...sent,
      }),
    ]
  }
  const paint = makePaint(io.color)
  const [first] = events
  const item = first && (await explainItem(app, first, delivery))
  const most = 6
  const left = events.length - most
  const forwards = await explainForwards(app, seq)
  const rows: ExplainRow[] = [
    receivedRow(io, delivery, `, ${delivery.method}, ${bytesText(delivery.body.length)}`),
    ...proofRows(io, { verified, source: delivery.source }, facts),
    ...(item ? [['split', safeText(item.split.replace(/, this one at .*$/, ''))] as ExplainRow] : []),
    ...events.slice(0, most).map(event => eventRowOf(io, event)),
    ...(left > 0 ? [['', `… ${left} more`] as ExplainRow] : []),
  ]
  const nothing: ExplainRow[] =
    forwards.length + attempts.length > 0 ? [] : [['forwarded', 'no: nothing of it was sent']]
  return fitting(detail => [
    `${paint.strong('delivery')}  ${paint.faint(id)}`,
    ...rowLines(io, [...rows, ...nothing, ...sendingRows(io, { forwards, attempts, of: 'delivery' }, detail)]),
    ...comparedLines(io, { attempts, of: 'delivery' }, detail),
  ])
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
        detail: command(io, detail),
        source,
        request,
        ...facts,
        next: facts.next && command(io, facts.next),
      }),
    ]
  }
  const paint = makePaint(io.color)
  const rows: ExplainRow[] = [
    receivedRow(io, rejected, ''),
    ['request', `${method} ${safeText(path + suffix)}  ${bytesText(bytes)}`],
    ['reason', `${reason}: ${command(io, safeText(detail))}`],
    ...rejectedRows(io, facts),
  ]
  return [`${paint.bad('rejected')}  ${paint.faint(id)}`, ...rowLines(io, rows)]
}
