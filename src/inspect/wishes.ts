import { exits, WhsError } from '../core/errors.ts'
import type { ClaimWish, ConnectWish, ReplayWish } from './api.ts'

/** @throws WhsError `bad-wish` (exit 2) where it is not what the page sends */
export function replayWish(body: Buffer): ReplayWish {
  const { id, tenant, body: bytes, to } = fieldsOf(body)
  return {
    id: textOf(id, 'id'),
    ...(tenant == null ? {} : { tenant: textOf(tenant, 'tenant') }),
    ...(bytes == null ? {} : { body: base64Of(bytes) }),
    ...(to == null || to === '' ? {} : { to: textOf(to, 'to') }),
  }
}

/** @throws WhsError `bad-wish` (exit 2) */
export function claimWish(body: Buffer): ClaimWish {
  const { app, account, tenant } = fieldsOf(body)
  return { app: textOf(app, 'app'), account: textOf(account, 'account'), tenant: textOf(tenant, 'tenant') }
}

/** @throws WhsError `bad-wish` (exit 2) */
export function connectWish(body: Buffer): ConnectWish {
  const { app, tenant, slots } = fieldsOf(body)
  const pairs = Object.entries((slots ?? {}) as Record<string, unknown>)
  return {
    app: textOf(app, 'app'),
    tenant: tenant == null || tenant === '' ? null : textOf(tenant, 'tenant'),
    slots: Object.fromEntries(pairs.map(([name, value]) => [name, textOf(value, name)])),
  }
}

function fieldsOf(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    throw badWish('it is no JSON')
  }
  throw badWish('it is no object')
}

function textOf(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= 2_000) return value
  throw badWish(`${name} is missing or is no text`)
}

function base64Of(value: unknown): string {
  if (typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value)) return value
  throw badWish('body is no base64')
}

function badWish(why: string): WhsError {
  return new WhsError({ code: 'bad-wish', exit: exits.usage, what: 'what was sent is not understood', why })
}
