import { createHmac, randomUUID } from 'node:crypto'

export const token = 'bench-verifier-token'
export const tenants = Array.from({ length: 8 }, (_, index) => ({
  tenant: `tenant-${index + 1}`,
  account: `934145390000000${1000 + index}`,
}))

const types = ['invoice.created', 'invoice.updated', 'customer.updated', 'payment.created', 'estimate.deleted']

/**
 * Whole HTTP requests as Intuit's servers would write them: signed CloudEvents deliveries with ids of their own, one
 * event each, every eighth with events of two companies.
 */
export function makeRequests(count: number, path: string): Buffer[] {
  return Array.from({ length: count }, (_, index) => {
    const body = JSON.stringify(index % 8 === 0 ? [eventOf(index), eventOf(index + 1)] : [eventOf(index)])
    const signature = createHmac('sha256', token).update(body).digest('base64')
    const lines = [
      `POST ${path} HTTP/1.1`,
      'Host: hooks.example.com',
      'User-Agent: intuit_notification_server/1.0',
      'Accept: application/json',
      'Content-Type: application/json; charset=utf-8',
      `intuit-signature: ${signature}`,
      'intuit-created-time: 2026-03-17T16:19:17Z',
      `intuit-t-id: ${randomUUID()}`,
      'intuit-notification-schema-version: 2.0',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ]
    return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
  })
}

function eventOf(index: number): object {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: 'intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=',
    type: `qbo.${types[index % types.length]}.v1`,
    datacontenttype: 'application/json',
    time: '2026-03-17T16:19:17.000Z',
    intuitentityid: String(1000 + index),
    intuitaccountid: tenants[index % tenants.length]?.account,
    data: {},
  }
}
