import { createHmac, randomUUID } from 'node:crypto'

export const token = 'bench-verifier-token'

/** Which deliveries: so many, numbered from `first`, for so many tenants in turn. */
export interface Batch {
  count: number
  tenants: number
  first?: number
  /** Every eighth delivery has events of two tenants. */
  mixed?: boolean
}

/** A signed delivery as Intuit's servers would write it: one CloudEvent (or two), with ids of its own. */
export interface Delivery {
  headers: [name: string, value: string][]
  body: string
}

const types = ['invoice.created', 'invoice.updated', 'customer.updated', 'payment.created', 'estimate.deleted']

/** The tenant of a number, and the account that is its own. */
export function tenantOf(index: number): { tenant: string; account: string } {
  return { tenant: `tenant-${index + 1}`, account: `93414539${String(index).padStart(11, '0')}` }
}

export function makeDelivery(index: number, { tenants, mixed = false }: Omit<Batch, 'count'>): Delivery {
  const items = [eventOf(index, index % tenants)]
  if (mixed && index % 8 === 0) items.push(eventOf(index + 1, (index + 1) % tenants))
  return signed(JSON.stringify(items))
}

/** A delivery for an account that nobody has. */
export function makeStranger(index: number): Delivery {
  return signed(JSON.stringify([eventOf(index, 10_000_000_000 + (index % 1_000))]))
}

function signed(body: string): Delivery {
  const headers: Delivery['headers'] = [
    ['Host', 'hooks.example.com'],
    ['User-Agent', 'intuit_notification_server/1.0'],
    ['Accept', 'application/json'],
    ['Content-Type', 'application/json; charset=utf-8'],
    ['intuit-signature', createHmac('sha256', token).update(body).digest('base64')],
    ['intuit-created-time', '2026-03-17T16:19:17Z'],
    ['intuit-t-id', randomUUID()],
    ['intuit-notification-schema-version', '2.0'],
    ['Content-Length', String(Buffer.byteLength(body))],
  ]
  return { headers, body }
}

/** The same as whole HTTP requests. */
export function makeRequests(batch: Batch, path: string): Buffer[] {
  const { count, first = 0 } = batch
  return Array.from({ length: count }, (_, at) => asRequest(makeDelivery(first + at, batch), path))
}

export function asRequest({ headers, body }: Delivery, path: string): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines}\r\n${body}`)
}

/** The number of a delivery and the account it is for, from a body that some tool may have written anew. */
export function readMark(body: string): { index: number; account: string } | undefined {
  const [, index, account] = /"intuitentityid":"(\d+)","intuitaccountid":"(\d+)"/.exec(body) ?? []
  return index && account ? { index: Number(index), account } : undefined
}

function eventOf(index: number, tenant: number): object {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: 'intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=',
    type: `qbo.${types[index % types.length]}.v1`,
    datacontenttype: 'application/json',
    time: '2026-03-17T16:19:17.000Z',
    intuitentityid: String(index),
    intuitaccountid: tenantOf(tenant).account,
    data: {},
  }
}
