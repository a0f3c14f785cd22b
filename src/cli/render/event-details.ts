import type { App } from '../../app/app.ts'
import { compareAttempts } from '../../core/compare-attempts.ts'
import { indentJson } from '../../core/indent-json.ts'
import { maskHeaders } from '../../core/redact.ts'
import { isSuccess } from '../../core/retry.ts'
import { bytesText, clip, durationText, safeText } from '../../core/text.ts'
import type { StoredAttempt } from '../../store/attempt-ops.ts'
import type { EventForward, StoredEvent } from '../../store/event-ops.ts'
import { findId } from '../find-id.ts'
import type { Io } from '../io.ts'
import { accountWord } from './account-word.ts'
import { comparisonLine, comparisonLines } from './compared-attempts.ts'
import { moment, resourceText, shortId } from './event-row.ts'
import { makePaint } from './paint.ts'
import { answerText, claimCommand, eventLine, forwardRecord, jsonLine, rejectedRecord } from './records.ts'
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
  if (io.output === 'json') {
    await io.out(eventLine(event, item))
    for (const attempt of attempts) await io.out(jsonLine(forwardRecord(attempt)))
    for (const comparison of compareAttempts(attempts)) await io.out(comparisonLine(comparison))
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
  if (event.account)
    await row(
      word,
      `${safeText(event.account)}, read at ${event.place?.startsWith('header:') ? event.place : `${event.place} of the body`}`,
    )
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
  await row(
    'verified',
    event.verified === 'signature' ? 'by signature over the exact bytes' : paint.bad('NOT verified'),
  )
  if (event.repeatOf) await row('repeat of', event.repeatOf)
  if (attempts.length === 0 && event.repeatOf) await row('forwarded', await repeatText(app, event.repeatOf))
  else await attemptRows(io, row, attempts)
  for (const comparison of compareAttempts(attempts)) {
    for (const line of comparisonLines(io, comparison)) await io.out(line)
  }
  await io.out('')
  await io.out(prettyItem(item))
  return 0
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

async function attemptRows(io: Io, row: Row, attempts: StoredAttempt[]): Promise<void> {
  if (attempts.length === 0) await row('forwarded', 'not yet, or no rule takes it')
  const paint = makePaint(io.color)
  for (const attempt of attempts) {
    const { status, error, ms, target, number, replay, nextAt, hint, at } = attempt
    const good = isSuccess(status)
    const answer = good ? paint.good(String(status)) : paint.bad(error === null ? String(status) : safeText(error))
    const kind = replay ? 'replay' : `attempt ${number}`
    const again = nextAt === null ? '' : `, again ${moment(nextAt, io.now())}`
    await row(
      kind,
      `${moment(at, io.now())}  ${target}  → ${answer}  ${durationText(ms)}${again}${hint ? `  ${safeText(hint)}` : ''}`,
    )
    const said = good ? '' : answerText(attempt)
    if (said) await row('', clip(said, Math.max(60, io.columns - 14)))
  }
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
  if (io.output === 'json') {
    for (const event of events) await io.out(eventLine(event, await store.read('readItem', { seq: event.seq })))
    for (const attempt of await store.read('attemptsOfDelivery', { deliverySeq }))
      await io.out(jsonLine(forwardRecord(attempt)))
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
  await row('verified', delivery.secretFingerprint ? `key ${delivery.secretFingerprint}` : paint.bad('NOT verified'))
  for (const event of events) {
    const owner = event.tenant ? paint.tenant(event.tenant) : paint.warn(`parked: ${event.reason}`)
    await row(
      'event',
      `${paint.strong(shortId(event.id))}  ${owner}  ${safeText(event.event ?? event.fault ?? '?')}  ${resourceText(event)}`,
    )
  }
  await attemptRows(io, row, await store.read('attemptsOfDelivery', { deliverySeq }))
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
    await io.out(jsonLine(rejectedRecord(rejected)))
    return 0
  }
  const row = rows(io)
  const paint = makePaint(io.color)
  await io.out(`${paint.bad('rejected')}  ${paint.faint(rejected.id)}`)
  await row(
    'received',
    `${moment(rejected.receivedAt, io.now())} at ${rejected.app} (${rejected.env}), answered ${rejected.status}`,
  )
  await row('reason', `${rejected.reason}: ${safeText(rejected.detail)}`)
  await row('request', `${rejected.method} ${safeText(rejected.path + rejected.suffix)}  ${bytesText(rejected.bytes)}`)
  await headerRows(row, rejected.headers)
  await io.out('')
  await io.out(clip(safeText(rejected.body.toString('utf8')), 2000))
  return 0
}
