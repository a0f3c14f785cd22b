import { createHash } from 'node:crypto'
import { exits, WhsError } from './errors.ts'
import type { RawHeaders } from './headers.ts'

/** A delivery that travels, without its body, which stands beside it in a file of its own. */
export interface ExportedDelivery {
  whs: 'delivery'
  /** Of this form. */
  version: 1
  id: string
  provider: string
  app: string
  env: string
  /** ISO 8601, UTC. */
  receivedAt: string
  method: string
  /** The path of the callback URL, and what followed it there. */
  path: string
  suffix: string
  /** Name and value, in order. */
  headers: [name: string, value: string][]
  /** What was masked, since it is a secret: names of headers, `body`, `query`. */
  masked: string[]
  /** The name of the file of its bytes, in the same folder. */
  bodyFile: string
  /** Of the whole body. A rejected request may have been kept in part. */
  bytes: number
  /** SHA-256 of the file, in hex. */
  sha256: string
  /** What was answered. */
  status: number
  verified: 'signature' | 'token' | 'none'
  /** Which scheme of the definition verified it, over which callback URL where it signs that. */
  scheme: number | null
  url: string | null
  /** Why it was rejected, where it was. */
  rejected: { reason: string; detail: string } | null
  events: ExportedEvent[]
}

/** What the store that a delivery came from said of an event in it. */
export interface ExportedEvent {
  id: string
  event: string | null
  providerEventId: string | null
  tenant: string | null
  account: string | null
  /** Where its item stands in the body. */
  pointer: string
  /** What was fetched of its thing; left out where nothing was. Who imports the delivery takes none of it. */
  record?: ExportedRecord
}
export interface ExportedRecord {
  /** ISO 8601, UTC. */
  at: string
  status: number | null
  deleted: boolean
  call: string | null
  /** The name of the file of the answer's bytes, in the same folder; null where none came. */
  file: string | null
}

/** The largest file of facts that is read. */
export const mostExportedBytes = 16 * 1_048_576

/** SHA-256 of a body, in hex. */
export function bodyHash(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex')
}

type Check = (value: unknown) => boolean
const text: Check = value => typeof value === 'string' && value.length <= 65_536
const like =
  (pattern: RegExp): Check =>
  value =>
    typeof value === 'string' && pattern.test(value)
const textOrNull: Check = value => value === null || text(value)
const count: Check = value => Number.isSafeInteger(value) && (value as number) >= 0
const isObject: Check = value => typeof value === 'object' && value !== null && !Array.isArray(value)
const listOf =
  (check: Check): Check =>
  value =>
    Array.isArray(value) && value.every(check)
const shaped =
  (fields: Record<string, Check>): Check =>
  value =>
    isObject(value) && Object.entries(fields).every(([name, check]) => check((value as Record<string, unknown>)[name]))

/** A name of RFC 9110, and a value that can stand in a header: no control characters but tabs, one byte a character. */
const headerPair: Check = value =>
  Array.isArray(value) &&
  value.length === 2 &&
  like(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/)(value[0]) &&
  like(/^[\t\x20-\x7e\x80-\xff]*$/)(value[1])

const wanted: Record<string, Check> = {
  whs: value => value === 'delivery',
  version: value => value === 1,
  id: like(/^dlv_[0-9A-Z]{1,30}$/),
  provider: text,
  app: text,
  env: text,
  receivedAt: value => text(value) && !Number.isNaN(Date.parse(value as string)),
  method: like(/^[A-Z]{1,20}$/),
  path: like(/^\/[\x21-\x7e]*$/),
  suffix: like(/^([/?][\x21-\x7e\x80-\xff]*)?$/),
  headers: listOf(headerPair),
  masked: listOf(text),
  // A file of a stranger must name no other file than the one beside it.
  bodyFile: like(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}$/),
  bytes: count,
  sha256: like(/^[0-9a-f]{64}$/),
  status: count,
  verified: value => ['signature', 'token', 'none'].includes(String(value)),
  scheme: value => value === null || count(value),
  url: textOrNull,
  rejected: value => value === null || shaped({ reason: text, detail: text })(value),
  events: listOf(
    shaped({
      id: text,
      event: textOrNull,
      providerEventId: textOrNull,
      tenant: textOrNull,
      account: textOrNull,
      pointer: text,
    }),
  ),
}

/**
 * Reads what `whs events export` wrote. It may come from anybody: every field is checked, none is believed.
 * @throws WhsError `not-exported` (exit 2), which names the field
 */
export function readExported(json: string, file: string): ExportedDelivery {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    throw notExported(file, 'it is no JSON')
  }
  if (!isObject(value) || (value as { whs?: unknown }).whs !== 'delivery') {
    throw notExported(file, 'it does not say that it is a delivery of whs')
  }
  const fields = value as Record<string, unknown>
  if (fields.version !== 1) throw notExported(file, `its version is ${String(fields.version)}, this whs reads 1`)
  const bad = Object.keys(wanted).find(name => !wanted[name]?.(fields[name]))
  if (bad) throw notExported(file, `its ${bad} is missing or is not what it should be`)
  return value as ExportedDelivery
}

function notExported(file: string, why: string): WhsError {
  return new WhsError({
    code: 'not-exported',
    exit: exits.usage,
    what: `${file} is not an exported delivery`,
    why,
    next: 'whs events export <id> --as json',
  })
}

/** Headers as they came over the wire. */
export function rawHeaders({ headers }: Pick<ExportedDelivery, 'headers'>): RawHeaders {
  return headers.flat()
}

/** Headers in pairs. */
export function headerPairs(headers: RawHeaders): [name: string, value: string][] {
  const pairs: [string, string][] = []
  for (let index = 0; index < headers.length; index += 2) {
    pairs.push([headers[index] as string, headers[index + 1] as string])
  }
  return pairs
}
