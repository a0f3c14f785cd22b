import { isUtf8 } from 'node:buffer'
import { healthOf } from '../../connect/connection-health.ts'
import type { EndedConsent } from '../../connect/consent.ts'
import { oneLine } from '../../core/json-scan.ts'
import { isSuccess } from '../../core/retry.ts'
import { shellWord } from '../../core/shell-word.ts'
import { clip, safeText } from '../../core/text.ts'
import type { StoredAttempt } from '../../store/attempt-ops.ts'
import type { StoredEvent } from '../../store/event-ops.ts'
import type { StoredRejected } from '../../store/rejected-ops.ts'
import type { Tenant, TenantConnection } from '../../store/tenant-ops.ts'
import type { Io } from '../io.ts'
import { command } from './command.ts'
import { mendOf } from './mend.ts'

/** One record as a line of NDJSON. Characters that JSON allows but lines do not are escaped. */
export function jsonLine(record: object): string {
  return jsonText(record)
}

function jsonText(value: object | string): string {
  return escaped(JSON.stringify(value))
}

/** JSON whose characters no line holds are escaped. */
function escaped(json: string): string {
  return json.replace(/[\u007f-\u009f\u2028\u2029]/g, escapeUnicode)
}

function escapeUnicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

export function iso(ms: number): string {
  return new Date(ms).toISOString()
}

/** An `event` record with its data spliced in as it arrived, numbers untouched; so is what was fetched of its thing. */
export function eventLine(event: StoredEvent, item: Buffer | null, record: string | null = null): string {
  const {
    id,
    deliveryId,
    provider,
    app,
    env,
    scope,
    tenant,
    account,
    providerEvent,
    providerEventId,
    verified,
    source,
  } = event
  const at = iso(event.receivedAt)
  const line = jsonLine({
    type: 'event',
    at,
    id,
    deliveryId,
    provider,
    app,
    env,
    scope,
    tenant,
    account,
    event: event.event,
    providerEvent,
    providerEventId: providerEventId ?? event.derivedId,
    resource: resourceOf(event),
    occurredAt: event.occurredAt,
    receivedAt: at,
    verified,
    source,
    ...(event.scope === 'parked' ? { reason: event.reason, detail: event.fault } : {}),
    ...(event.repeatOf ? { repeatOf: event.repeatOf } : {}),
    ...(event.origin ? { origin: JSON.parse(event.origin) as object } : {}),
  })
  const beside = record === null ? '' : `,"record":${record}`
  return `${line.slice(0, -1)},"forwards":${escaped(event.forwards)}${beside},"data":${dataText(item, event.shape !== null)}}`
}

/** Bytes as a JSON value: JSON as it stands, numbers untouched; what else is text (a form, say) as that, where it may be. */
export function dataText(bytes: Buffer | null, mayBeText: boolean): string {
  if (bytes === null || bytes.length === 0) return 'null'
  const text = bytes.toString('utf8')
  if (isJson(text)) return escaped(/[\n\r]/.test(text) ? oneLine(text) : text)
  return isUtf8(bytes) && mayBeText ? jsonText(text) : jsonLine({ base64: bytes.toString('base64') })
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function resourceOf(event: StoredEvent): object | null {
  const { resourceType: type, resourceId: id, deletedId } = event
  if (type === null) return null
  return deletedId ? { type, id, deletedId } : { type, id }
}

export function forwardRecord(io: Pick<Io, 'self'>, attempt: StoredAttempt): object {
  const { eventIds, tenant, target: to, number, status, error, ms, nextAt, hint, at, replay, changed, kept } = attempt
  const ok = isSuccess(status)
  return {
    type: 'forward',
    at: iso(at),
    eventIds,
    tenant,
    to,
    attempt: number,
    ...(error === null ? { status } : { error }),
    ms,
    next: nextAt === null ? null : iso(nextAt),
    ...(ok || !attempt.body?.length ? {} : { body: answerText(attempt) }),
    ...(hint ? { hint: command(io, hint) } : {}),
    ...(replay ? { replay } : {}),
    ...(changed === null ? {} : { changed }),
    ...(kept ? { signature: 'kept' } : {}),
  }
}

/** The first 500 safe characters of what the handler answered. */
export function answerText(attempt: StoredAttempt): string {
  return clip(safeText(attempt.body?.toString('utf8').trim() ?? ''), 500)
}

export function rejectedRecord(io: Pick<Io, 'self'>, rejected: StoredRejected): object {
  const { id, app, status, reason, receivedAt, bytes, source } = rejected
  const detail = command(io, rejected.detail)
  return { type: 'rejected', at: iso(receivedAt), deliveryId: id, app, status, reason, detail, bytes, source }
}

/** What a person types to say whose an account is; null where no account was read. */
export function claimCommand(
  io: Pick<Io, 'self'>,
  { app, account, reason }: { app: string; account: string | null; reason: string | null },
): string | null {
  if (account === null || reason !== 'unknown-account') return null
  return command(io, `whs tenants map <tenant> --app ${app} --account ${shellWord(account)}`)
}

/** A connection as it is at a time. */
export function connectionRecord(io: Pick<Io, 'self' | 'now'>, connection: TenantConnection, tenant: Tenant): object {
  const { id, app, scopes, changedAt } = connection
  const { state, why, endsAt: expiresAt } = healthOf(connection, io.now())
  const mend = mendOf(state, { ...connection, tenant: tenant.name })
  return {
    type: 'connection',
    at: iso(changedAt),
    id,
    app,
    tenants: [tenant.name],
    accounts: tenant.accounts
      .filter(one => one.connectionId === id)
      .map(one => ({ id: one.value, kind: one.kind, name: one.name })),
    state,
    ...(why ? { why } : {}),
    scopes: scopes.split(' ').filter(Boolean),
    expiresAt: expiresAt === null ? null : iso(expiresAt),
    mend: mend && command(io, mend),
  }
}

/** A consent's outcome: a record for each connection that it made, or one that says why it made none. */
export function outcomeRecords({ app, wish, outcome }: EndedConsent, at: string): object[] {
  if (!outcome.ok) {
    const { code, what, why, exit } = outcome.failure
    const tenants = wish.tenants.map(({ tenant }) => tenant)
    return [{ type: 'connection', at, id: null, app, tenants, accounts: [], state: 'failed', code, what, why, exit }]
  }
  return outcome.connections.map(({ expiresAt, ...connection }) => ({
    type: 'connection',
    at,
    ...connection,
    expiresAt: expiresAt === null ? null : iso(expiresAt),
    mend: null,
  }))
}
