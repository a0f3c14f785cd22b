import type { App } from '../../app/app.ts'
import { explainForwards, explainSending } from '../../app/explain-sending.ts'
import { compareAttempts } from '../../core/compare-attempts.ts'
import { indentJson } from '../../core/indent-json.ts'
import { maskHeaders } from '../../core/redact.ts'
import { bytesText, clip, safeText } from '../../core/text.ts'
import type { EventForward, StoredEvent } from '../../store/event-ops.ts'
import { isOwn } from '../../store/own-delivery-ops.ts'
import { findId } from '../find-id.ts'
import type { Io } from '../io.ts'
import { accountWord } from './account-word.ts'
import { comparedLines, sendingRows, wholeSending } from './attempt-rows.ts'
import { command } from './command.ts'
import { comparisonLine } from './compared-attempts.ts'
import { moment, resourceText, shortId } from './event-row.ts'
import { makePaint } from './paint.ts'
import { recordData, recordJson, recordText } from './record-lines.ts'
import { claimCommand, eventLine, forwardRecord, jsonLine, rejectedRecord } from './records.ts'
import { wrap } from './wrap.ts'

type Row = (label: string, text: string) => Promise<void>

function rows(io: Io): Row {
  const paint = makePaint(io.color)
  return (label, text) => io.out(wrap(`${paint.faint(label.padEnd(10))}  ${text}`, io.columns, 12))
}

/** One event: what it is, whose and how that is known, where it went, and its data. */
export async function showEvent(io: Io, app: App, seq: number): Promise<number> {
  const store = app.store()
  const event = (await store.read('readEvent', { seq })) as StoredEvent
  const item = await store.read('readItem', { seq })
  const all = await store.read('attemptsOfDelivery', { deliverySeq: event.deliverySeq })
  const attempts = all.filter(attempt => attempt.eventSeqs.includes(seq))
  const record = await store.read('recordOf', { eventSeq: seq })
  if (io.output === 'json') {
    await io.out(eventLine(event, item, record && recordJson(io, record)))
    for (const attempt of attempts) await io.out(jsonLine(forwardRecord(io, attempt)))
    for (const comparison of compareAttempts(attempts, 'event')) await io.out(comparisonLine(comparison))
    return 0
  }
  const row = rows(io)
  const paint = makePaint(io.color)
  const word = accountWord(event.provider, event.accountKind)
  await io.out(
    `${paint.strong(safeText(event.event ?? 'unreadable'))}  ${resourceText(event)}  ${paint.faint(event.id)}`,
  )
  await row('tenant', event.tenant ? paint.tenant(event.tenant) : paint.warn(`parked: ${event.reason}`))
  if (event.fault) await row('why', safeText(event.fault))
  if (event.account) await row(word, `${safeText(event.account)}, ${placeText(event.place)}`)
  const claim = claimCommand(io, event)
  if (claim) await io.out(`${paint.faint('claim it  ')}  ${claim}`)
  await row(
    'received',
    `${moment(event.receivedAt, io.now())} at ${event.app} (${event.env}), delivery ${event.deliveryId}, part ${event.part}/${event.parts}`,
  )
  await row(
    'type',
    `${safeText(event.providerEvent ?? '?')}, shape ${event.shape ?? 'none'}, ${event.occurredAt ? `occurred ${safeText(event.occurredAt)}` : 'no time given'}`,
  )
  await row('event id', safeText(event.providerEventId ?? `${event.derivedId ?? 'none'} (the provider gives none)`))
  await row('verified', verifiedText(event.verified, event.source) ?? paint.bad('NOT verified'))
  if (event.repeatOf) await row('repeat of', event.repeatOf)
  const sending = await explainSending(app, event)
  if (event.repeatOf && sending.none !== null) await row('forwarded', await repeatText(app, event.repeatOf))
  else if (sending.none !== null) await row('forwarded', command(io, `no: ${safeText(sending.none)}`))
  await sendingOut(io, row, { forwards: sending.forwards, attempts, of: 'event' })
  if (record) await row('record', recordText(io, record))
  await io.out('')
  await io.out(prettyItem(item))
  const thing = record && recordData(record)
  if (thing) await io.out(`\n${paint.faint('record')}\n${thing}`)
  return 0
}

function placeText(place: string | null): string {
  if (place === 'api') return 'for which it stands, as the API said'
  return `read at ${place?.startsWith('header:') ? place : `${place} of the body`}`
}

function verifiedText(verified: string, source: string): string | null {
  if (isOwn(source)) return 'by nobody’s request: whs asked the API, or tells of it itself'
  if (verified === 'signature') return 'by signature over the exact bytes'
  return verified === 'token' ? 'by a token, which proves the sender and not the bytes' : null
}

/** Why a repeat went nowhere: what became of the first. */
async function repeatText(app: App, of: string): Promise<string> {
  const found = await findId(app, of)
  const first = found.kind === 'event' ? await app.store().read('readEvent', { seq: found.seq }) : null
  const forwards = JSON.parse(first?.forwards ?? '[]') as EventForward[]
  const answered = forwards.find(({ state }) => state === 'done')
  if (answered) return `not sent again: the first was answered ${answered.status}`
  return forwards.length > 0 ? 'not sent again: the first still waits for its answer' : 'not yet, or no rule takes it'
}

async function sendingOut(io: Io, row: Row, sending: Parameters<typeof sendingRows>[1]): Promise<void> {
  for (const [label, text] of sendingRows(io, sending, wholeSending)) await row(label, text)
  for (const line of comparedLines(io, sending, wholeSending)) await io.out(line)
}

/** JSON indented for reading by moving blanks alone (numbers stay as they are), other bytes as safe text. */
function prettyItem(item: Buffer | null): string {
  return indentJson(item?.toString('utf8') ?? '')
    .split('\n')
    .map(line => safeText(line))
    .join('\n')
}

/** One delivery: request, answer and the events in it. */
export async function showDelivery(io: Io, app: App, deliverySeq: number): Promise<number> {
  const store = app.store()
  const delivery = await store.read('readDelivery', { seq: deliverySeq })
  if (!delivery) return 0
  const events = await store.read('eventsOfDelivery', { deliverySeq })
  const attempts = await store.read('attemptsOfDelivery', { deliverySeq })
  if (io.output === 'json') {
    for (const event of events) {
      const record = await store.read('recordOf', { eventSeq: event.seq })
      const item = await store.read('readItem', { seq: event.seq })
      await io.out(eventLine(event, item, record && recordJson(io, record)))
    }
    for (const attempt of attempts) await io.out(jsonLine(forwardRecord(io, attempt)))
    for (const comparison of compareAttempts(attempts, 'delivery')) await io.out(comparisonLine(comparison))
    return 0
  }
  const row = rows(io)
  const paint = makePaint(io.color)
  await io.out(`${paint.strong('delivery')}  ${paint.faint(delivery.id)}`)
  await row(
    'received',
    `${moment(delivery.receivedAt, io.now())} at ${delivery.app} (${delivery.env}), answered ${delivery.status}`,
  )
  await row(
    'request',
    `${delivery.method} ${safeText(delivery.path + delivery.suffix)}  ${bytesText(delivery.body.length)}`,
  )
  await headerRows(row, delivery.headers)
  const key = delivery.secretFingerprint ? `, key ${delivery.secretFingerprint}` : ''
  const verified = verifiedText(delivery.verified, delivery.source)
  await row('verified', verified === null ? paint.bad('NOT verified') : verified + key)
  for (const event of events) {
    const owner = event.tenant ? paint.tenant(event.tenant) : paint.warn(`parked: ${event.reason}`)
    await row(
      'event',
      `${paint.strong(shortId(event.id))}  ${owner}  ${safeText(event.event ?? event.fault ?? '?')}  ${resourceText(event)}`,
    )
  }
  const forwards = await explainForwards(app, deliverySeq)
  if (forwards.length + attempts.length === 0) await row('forwarded', 'no: nothing of it was sent')
  await sendingOut(io, row, { forwards, attempts, of: 'delivery' })
  return 0
}

async function headerRows(row: Row, headers: string): Promise<void> {
  const masked = maskHeaders(JSON.parse(headers) as string[])
  for (let index = 0; index < masked.length; index += 2) {
    await row(index === 0 ? 'headers' : '', safeText(`${masked[index]}: ${clip(masked[index + 1] ?? '', 100)}`))
  }
}

/** A request that did not verify, with what to do. */
export async function showRejected(io: Io, app: App, seq: number): Promise<number> {
  const rejected = await app.store().read('readRejected', { seq })
  if (!rejected) return 0
  if (io.output === 'json') {
    await io.out(jsonLine(rejectedRecord(io, rejected)))
    return 0
  }
  const row = rows(io)
  const paint = makePaint(io.color)
  await io.out(`${paint.bad('rejected')}  ${paint.faint(rejected.id)}`)
  await row(
    'received',
    `${moment(rejected.receivedAt, io.now())} at ${rejected.app} (${rejected.env}), answered ${rejected.status}`,
  )
  await row('reason', `${rejected.reason}: ${command(io, safeText(rejected.detail))}`)
  await row('request', `${rejected.method} ${safeText(rejected.path + rejected.suffix)}  ${bytesText(rejected.bytes)}`)
  await headerRows(row, rejected.headers)
  await io.out('')
  await io.out(clip(safeText(rejected.body.toString('utf8')), 2000))
  return 0
}
