import { header, type RawHeaders } from '../../src/core/headers.ts'
import { fingerprint } from '../../src/core/sign.ts'
import type { ForwardOptions } from '../../src/deliver/forward-request.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import type { ForwardEvent, ForwardWork } from '../../src/store/forward-ops.ts'
import { ownSecret } from './deliver-home.ts'

export const itemOne =
  '{"specversion":"1.0","id":"a","type":"qbo.invoice.created.v1","intuitaccountid":"1","n":9007199254740993}'
const itemTwo = '{"specversion":"1.0","id":"b","type":"qbo.invoice.created.v1","intuitaccountid":"2"}'
export const twoItems = Buffer.from(`[${itemOne}, ${itemTwo}]`)

export function forwardEvent(seq: number, start: number, part: number, account = String(part)): ForwardEvent {
  return { seq, id: `evt_${seq}`, start, part, account, event: 'invoice.created' }
}
export const eventOne = forwardEvent(1, 1, 1)
export const eventTwo = forwardEvent(2, 1 + itemOne.length + 2, 2)

/** Two items of two accounts, both for one tenant, that verified with the secret `old`. */
export function forwardWork(changes: Partial<ForwardWork> = {}): ForwardWork {
  return {
    seq: 1,
    state: 'open',
    deliverySeq: 1,
    deliveryId: 'dlv_7',
    appId: 1,
    app: 'qbo',
    provider: quickbooks.id,
    tenantId: 1,
    tenant: 'acme.eu',
    target: 'http://localhost:3000/in',
    method: 'POST',
    suffix: '',
    headers: JSON.stringify(rawHeaders('intuit-signature: theirs')),
    body: twoItems,
    secretFingerprint: fingerprint('old'),
    verified: 'signature',
    scheme: 0,
    url: null,
    activation: null,
    source: 'delivery',
    receivedAt: 1,
    items: 2,
    parts: 2,
    tries: 0,
    busy: 0,
    firstTryAt: null,
    events: [eventOne, eventTwo],
    ...changes,
  }
}

export const forwardOptions: ForwardOptions = {
  definition: quickbooks,
  keys: ['new', 'old'].map(value => ({ name: 'webhook', value, fingerprint: fingerprint(value), activation: null })),
  attempt: 1,
  now: Date.now(),
  allowRemote: false,
  ownSecret,
}

/** `Name: value`, one a line. */
export function rawHeaders(text: string): RawHeaders {
  return text
    .trim()
    .split('\n')
    .flatMap(line => line.trim().split(/: (.*)/, 2))
}

export function headerLines(headers: RawHeaders): string[] {
  return headers.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${headers[index + 1]}`] : []))
}

/** As a verifier wants them; `prefix` is taken off the names. */
export function plainHeaders(headers: RawHeaders, prefix = ''): Record<string, string> {
  const names = headers.filter((_, index) => index % 2 === 0)
  const ours = names.filter(name => name.startsWith(prefix))
  return Object.fromEntries(ours.map(name => [name.slice(prefix.length), header(headers, name) as string]))
}
