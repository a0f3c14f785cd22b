import { isUtf8 } from 'node:buffer'
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

/** One record as a line of NDJSON. Characters that JSON allows but lines do not are escaped. */
export function jsonLine(record: object): string {
  return jsonText(record)
}

function jsonText(value: object | string): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029]/g, escapeUnicode)
}

function escapeUnicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

export function iso(ms: number): string {
  return new Date(ms).toISOString()
}

/** An `event` record with its data spliced in as it arrived, numbers untouched. */
export function eventLine(event: StoredEvent, item: Buffer | null): string {
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
  const line = jsonLine({
    type: 'event',
    at: iso(event.receivedAt),
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
    receivedAt: iso(event.receivedAt),
    verified,
    source,
    ...(event.scope === 'parked' ? { reason: event.reason, detail: event.fault } : {}),
    ...(event.repeatOf ? { repeatOf: event.repeatOf } : {}),
    ...(event.origin ? { origin: JSON.parse(event.origin) as object } : {}),
    forwards: JSON.parse(event.forwards) as object[],
  })
  return `${line.slice(0, -1)},"data":${dataOf(event, item)}}`
}

function dataOf(event: StoredEvent, item: Buffer | null): string {
  if (item === null) return 'null'
  if (item.length === 0) return 'null'
  const text = item.toString('utf8')
  if (isJson(text)) return oneLine(text).replace(/[\u007f-\u009f\u2028\u2029]/g, escapeUnicode)
  // A form is told as the text that it is; what is no text at all is not.
  return isUtf8(item) && event.shape !== null ? jsonText(text) : jsonLine({ base64: item.toString('base64') })
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

export function forwardRecord(attempt: StoredAttempt): object {
  const { eventIds, tenant, target: to, number, status, error, ms, nextAt, hint, at, replay } = attempt
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
    ...(hint ? { hint } : {}),
    ...(replay ? { replay } : {}),
  }
}

/** The first 500 safe characters of what the handler answered. */
export function answerText(attempt: StoredAttempt): string {
  return clip(safeText(attempt.body?.toString('utf8').trim() ?? ''), 500)
}

export function rejectedRecord(rejected: StoredRejected): object {
  const { id, app, status, reason, detail, receivedAt, bytes, source } = rejected
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

export function connectionRecord(io: Pick<Io, 'self'>, connection: TenantConnection, tenant: Tenant): object {
  const { id, app, state, scopes, accessExpiresAt, refreshExpiresAt, changedAt, why } = connection
  const expiresAt = refreshExpiresAt ?? accessExpiresAt
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
    mend: state === 'active' ? null : command(io, `whs connect ${app} --tenant ${shellWord(tenant.name)}`),
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
