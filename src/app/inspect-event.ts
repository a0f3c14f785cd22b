import { curlCommand } from '../core/curl-script.ts'
import { decodeBody, isFormType } from '../core/decode.ts'
import { headerPairs } from '../core/exported-delivery.ts'
import { header, type RawHeaders } from '../core/headers.ts'
import { scanJson } from '../core/json-scan.ts'
import { coveredBody, longSecrets, type MaskedDelivery } from '../core/mask-export.ts'
import { maskHeaders } from '../core/redact.ts'
import { shellWord } from '../core/shell-word.ts'
import type { AttemptView, EventRow, EventView, Explanation, RecordView } from '../inspect/api.ts'
import { eventRows, rejectedRow } from '../inspect/rows.ts'
import type { StoredAttempt } from '../store/attempt-ops.ts'
import type { EventForward, StoredDeliveryRow, StoredEvent } from '../store/event-ops.ts'
import { isOwn } from '../store/own-delivery-ops.ts'
import type { StoredRejected } from '../store/rejected-ops.ts'
import type { App } from './app.ts'
import { maskedRequest } from './export-delivery.ts'
import { bodyView } from './inspect-body.ts'
import { editableText } from './inspect-edit.ts'
import { eventExplanation, longBody, rejectedExplanation } from './inspect-explanation.ts'

const mostSiblings = 20
const mostAttempts = 100

/** An event with its delivery, as the inspector shows it; null where it is gone. Secrets are masked in all of it. */
export async function eventView(app: App, seq: number, secrets: string[]): Promise<EventView | null> {
  const store = app.store()
  const event = await store.read('readEvent', { seq })
  const delivery = event && (await store.read('readDelivery', { seq: event.deliverySeq }))
  const [row] = eventRows({ store, definitionOf: app.definitionOf }, [seq])
  if (!event || !delivery || !row) return null
  const safe = await maskedRequest(app, delivery)
  const all = await store.read('attemptsOfDelivery', { deliverySeq: event.deliverySeq })
  const attempts = all.filter(({ eventSeqs }) => eventSeqs.includes(seq)).slice(-mostAttempts)
  const isWhole = event.start === 0 && event.length === delivery.body.length
  return {
    row,
    request: requestOf(delivery, safe),
    body: bodyView(safe.body, isJson(app, delivery), event.start),
    item: isWhole || event.length === 0 ? null : { from: event.start, to: event.start + event.length },
    siblings: await siblingsOf(app, event),
    edit: editableText(event, delivery, secrets),
    explanation: told(app, await eventExplanation(app, event, delivery)),
    attempts: attempts.map(one => attemptView(app, one, secrets)),
    record: await recordView(app, seq, secrets),
    curl: isOwn(delivery.source) ? '' : await curlOf(app, delivery, safe, targetOf(event)),
    commands: commandsOf(app, row),
  }
}

/** A request that did not verify, in the same form. Of its body the first 64 KiB are kept. */
export async function rejectedView(app: App, seq: number): Promise<EventView | null> {
  const rejected = await app.store().read('readRejected', { seq })
  if (!rejected) return null
  const safe = await maskedRequest(app, rejected)
  const row = rejectedRow(rejected)
  const body = bodyView(safe.body, isJson(app, rejected))
  return {
    row,
    request: { ...requestOf(rejected, safe), bytes: rejected.bytes },
    body: { ...body, cut: body.cut || rejected.bytes > rejected.body.length },
    item: null,
    siblings: [],
    edit: { no: 'it never verified, so it is not sent again' },
    explanation: told(app, await rejectedExplanation(app, rejected)),
    attempts: [],
    record: null,
    curl: await curlOf(app, rejected, safe, null),
    commands: commandsOf(app, row),
  }
}

function requestOf(
  { method, path, status, body }: StoredDeliveryRow | StoredRejected,
  safe: MaskedDelivery,
): EventView['request'] {
  return { method, path: path + safe.suffix, headers: headerPairs(safe.headers), bytes: body.length, status }
}

/** Whether a body is to be shown as JSON; a long one is not read for that once more. */
function isJson(app: App, { provider, source, headers: json, body }: StoredDeliveryRow | StoredRejected): boolean {
  const headers = JSON.parse(json) as RawHeaders
  const isForm = isFormType(header(headers, 'content-type'))
  if (body.length > longBody) return !isForm && /^\s*[{[]/.test(body.toString('latin1', 0, 100))
  const decoders = isOwn(source) ? ['json' as const] : app.definitionOf(provider).webhook.body
  const decoded = decodeBody(decoders, { headers, body })
  return !('fault' in decoded) && decoded.exact
}

async function siblingsOf(app: App, { seq, deliverySeq }: StoredEvent): Promise<EventView['siblings']> {
  const store = app.store()
  const seqs = await store.read('firstEventsOf', { deliverySeq, limit: mostSiblings + 1 })
  const others = seqs.filter(one => one !== seq).slice(0, mostSiblings)
  const rows = eventRows({ store, definitionOf: app.definitionOf }, others)
  return rows.toReversed().map(({ id, tenant, event, resource }) => ({ id, tenant, event, resource }))
}

/** The thing itself, where it was fetched, or why it could not be. */
async function recordView(app: App, eventSeq: number, secrets: string[]): Promise<RecordView | null> {
  const record = await app.store().read('recordOf', { eventSeq })
  if (!record) return null
  const { at, status, deleted, body, start, length, failure, nextAt } = record
  const thing = body && !failure ? coveredBody(body.subarray(start, start + length), longSecrets(secrets)) : null
  const isJson = thing !== null && !('fault' in scanJson(thing))
  return {
    at,
    status,
    deleted,
    body: thing ? bodyView(thing, isJson) : { kind: 'none', text: '', cut: false, from: 0 },
    failure: failure && {
      code: failure.code,
      what: failure.what,
      ...(failure.why === null ? {} : { why: failure.why }),
      ...(failure.next === null ? {} : { next: commandOf(app, failure.next) }),
    },
    nextAt,
  }
}

/** What a handler answered, with the secrets that whs holds covered: an error page may print its whole environment. */
export function attemptView(app: App, attempt: StoredAttempt, secrets: string[]): AttemptView {
  const { number, at, target, replay, changed, status, error, ms, hint, nextAt, headers, body } = attempt
  const long = longSecrets(secrets)
  const pairs = headerPairs(maskHeaders(JSON.parse(headers ?? '[]') as RawHeaders))
  const shown = body
    ? bodyView(coveredBody(body, long), false)
    : { kind: 'none' as const, text: '', cut: false, from: 0 }
  const facts = { number, at, target, replay, changed, status, error, ms, nextAt }
  return {
    ...facts,
    hint: hint && commandOf(app, hint),
    headers: pairs.map(([name, value]) => [name, coveredText(value, long)]),
    body: shown,
  }
}

function coveredText(text: string, secrets: string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text)
}

function told(app: App, { steps, ...rest }: Explanation): Explanation {
  return { ...rest, steps: steps.map(step => ({ ...step, text: commandOf(app, step.text) })) }
}

/** Where it went, or where a person would send it. */
function targetOf({ forwards }: StoredEvent): string | null {
  const targets = (JSON.parse(forwards) as EventForward[]).map(({ target }) => target)
  return targets.find(target => target !== '') ?? null
}

/** The same request as a command, to where the event went, else to where the rules send such. */
async function curlOf(
  app: App,
  { id, method }: StoredDeliveryRow | StoredRejected,
  { headers, body, suffix, masked }: MaskedDelivery,
  target: string | null,
): Promise<string> {
  const rules = target === null ? ((await app.store().read('readListener'))?.rules ?? []) : []
  const request = { id, method, headers: headerPairs(headers), suffix, masked }
  return commandOf(app, curlCommand(request, body, target ?? rules[0]?.target ?? 'http://localhost:3000/'))
}

function commandsOf(app: App, { id, scope, reason, account, app: name }: EventRow): EventView['commands'] {
  const canClaim = scope === 'parked' && reason === 'unknown-account' && account !== null
  const claim = canClaim ? `whs tenants map <tenant> --app ${name} --account ${shellWord(account)}` : null
  const line = (text: string): string => commandOf(app, text)
  return {
    show: line(`whs events show ${id}`),
    explain: line(`whs explain ${id}`),
    replay: line(`whs replay ${id}`),
    claim: claim && line(claim),
  }
}

/** A text whose commands are typed as they work here. */
export function commandOf(app: App, text: string): string {
  return app.surroundings.command?.(text) ?? text
}
