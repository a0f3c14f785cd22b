import { Buffer, isUtf8 } from 'node:buffer'
import { applyEdits } from '../core/cut.ts'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { RawHeaders } from '../core/headers.ts'
import { readItems } from '../core/ingest.ts'
import { oneLine, scanJson } from '../core/json-scan.ts'
import { longSecrets } from '../core/mask-export.ts'
import { fingerprint } from '../core/sign.ts'
import { maySign } from '../deliver/forward-request.ts'
import type { EventView } from '../inspect/api.ts'
import type { StoredDeliveryRow, StoredEvent } from '../store/event-ops.ts'
import type { ForwardWork } from '../store/forward-ops.ts'
import { isOwn } from '../store/own-delivery-ops.ts'

/** What is longer is edited in a terminal. */
const mostEdited = 262_144

/**
 * The bytes of an event as text to be edited, or why that cannot be. In place of each secret stands a mark, which
 * `editedBody` takes back: the page never has the secret, and the handler gets it as it came.
 */
export function editableText(
  event: StoredEvent,
  { body, source }: StoredDeliveryRow,
  secrets: string[],
): EventView['edit'] {
  if (isOwn(source)) return { no: 'no request brought it, so it goes out as an event, and as it is' }
  if (event.scope === 'parked') return { no: 'it is parked, nobody’s so far' }
  if (!maySign(event)) return { no: 'it never verified, so it is not sent again' }
  const item = body.subarray(event.start, event.start + event.length)
  if (item.length > mostEdited) return { no: 'it is too long to be edited here' }
  if (!isUtf8(item)) return { no: 'it is no text' }
  const text = marksOf(secrets).reduce((left, { mark, secret }) => left.replaceAll(secret, mark), item.toString('utf8'))
  return { text }
}

function marksOf(secrets: string[]): { mark: string; secret: string }[] {
  const all = [...new Set(longSecrets(secrets))].sort((left, right) => right.length - left.length)
  return all.map(secret => ({ secret, mark: `***secret ${fingerprint(secret)}***` }))
}

/**
 * The body to send in place of a part's own, with the text that a person made of its event. On one line again where it was.
 * @throws WhsError `bad-edit` (exit 2) where it was JSON and is none any more
 */
export function editedBody(
  definition: ProviderDefinition,
  work: ForwardWork,
  typed: Buffer,
  secrets: string[],
): Buffer {
  const headers = JSON.parse(work.headers) as RawHeaders
  const items = readItems(definition, { method: work.method, headers, body: work.body })
  const [item] = items
  const isItem = items.length === 1 && item !== undefined
  const range = isItem ? { from: item.start, to: item.start + item.length } : { from: 0, to: work.body.length }
  const old = work.body.subarray(range.from, range.to)
  const text = marksOf(secrets).reduce(
    (left, { mark, secret }) => left.replaceAll(mark, secret),
    typed.toString('utf8'),
  )
  const wasJson = !('fault' in scanJson(old))
  const doc = scanJson(Buffer.from(text))
  if (wasJson && 'fault' in doc) throw badEdit(`${doc.fault}, at byte ${doc.at}`)
  return applyEdits(work.body, [{ ...range, text: wasJson && !old.includes('\n') ? oneLine(text) : text }])
}

function badEdit(why: string): WhsError {
  const what = 'what was edited is no JSON, so nothing was sent'
  return new WhsError({ code: 'bad-edit', exit: exits.usage, what, why })
}
