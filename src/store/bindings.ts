import type { Account } from '../core/account.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { Db } from './database.ts'

/** How far what verified an item bounds whose it may be. */
export interface Binding {
  /** The activation whose key or secret it came with. */
  activation: number | null
  /** Its tenant, who alone may get the item; null where the secret is the app's own. */
  tenantId: number | null
  tenant: string | null
  connectionSeq: number | null
  /** The account that the activation itself is, where its kind is one of accounts. */
  own: Account | null
  /** The URL's key and the item's own secret are those of two tenants. */
  disagrees: boolean
}

/** Nothing bounds it. */
export const unbound: Binding = {
  activation: null,
  tenantId: null,
  tenant: null,
  connectionSeq: null,
  own: null,
  disagrees: false,
}

/**
 * What the activations that verified a delivery and one of its items say together.
 * @throws WhsError `activation-gone` (exit 1) where one was taken away meanwhile
 */
export function bindingOf(db: Db, appId: number, ofDelivery: number | null, ofItem: number | null): Binding {
  const outer = ofDelivery === null ? unbound : activationOf(db, appId, ofDelivery)
  if (ofItem === null || ofItem === ofDelivery) return outer
  const inner = activationOf(db, appId, ofItem)
  if (outer.tenantId === null) return inner
  if (inner.tenantId === null) return { ...inner, tenantId: outer.tenantId, tenant: outer.tenant }
  return { ...inner, disagrees: inner.tenantId !== outer.tenantId }
}

type Row = Pick<Binding, 'tenantId' | 'tenant' | 'connectionSeq'> & { kind: string | null; value: string | null }

function activationOf(db: Db, appId: number, seq: number): Binding {
  const key = `activation ${appId} ${seq}`
  const known = db.cache.get(key)
  if (known) return known as Binding
  const row = db.get<Row>(
    `SELECT v.tenant_id AS tenantId, t.name AS tenant, v.connection_seq AS connectionSeq, v.kind, v.provider_id AS value
     FROM activations v LEFT JOIN tenants t ON t.id = v.tenant_id WHERE v.seq = ? AND v.app_id = ?`,
    seq,
    appId,
  )
  if (!row) throw activationGone()
  const { kind, value, ...rest } = row
  const own = kind !== null && value !== null ? { kind, value } : null
  const binding: Binding = { ...rest, activation: seq, own, disagrees: false }
  db.cache.set(key, binding)
  return binding
}

function activationGone(): WhsError {
  return new WhsError({
    code: 'activation-gone',
    exit: exits.fault,
    what: 'the delivery cannot be stored',
    why: 'the activation whose secret verified it was removed meanwhile',
    next: 'whs activations',
  })
}

/**
 * What a connection whose token read something bounds it to: its tenant, and the account that it was read for.
 * @throws WhsError `no-connection` (exit 5) where it has ended
 */
export function bindingOfConnection(db: Db, id: string, own: Account | null): Binding {
  const row = db.get<Pick<Binding, 'tenantId' | 'tenant' | 'connectionSeq'>>(
    `SELECT n.seq AS connectionSeq, n.tenant_id AS tenantId, t.name AS tenant FROM connections n
     JOIN tenants t ON t.id = n.tenant_id WHERE n.id = ? AND n.state <> 'revoked'`,
    id,
  )
  if (row) return { ...unbound, ...row, own }
  throw new WhsError({
    code: 'no-connection',
    exit: exits.unknown,
    what: 'what was read is not kept',
    why: 'the connection whose token read it has ended meanwhile',
    next: 'whs tenants',
  })
}
