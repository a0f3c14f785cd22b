import { Buffer, isUtf8 } from 'node:buffer'
import type { Replay } from '../app/replay.ts'
import { applyEdits } from '../core/cut.ts'
import { changesOf } from '../core/edit-changes.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { RawHeaders } from '../core/headers.ts'
import { indentJson } from '../core/indent-json.ts'
import { readItems } from '../core/ingest.ts'
import { oneLine, scanJson } from '../core/json-scan.ts'
import { safeText } from '../core/text.ts'
import type { ReplayPart } from '../deliver/replay-plan.ts'
import { askYes } from './ask.ts'
import { editText } from './edit-text.ts'
import type { Io } from './io.ts'

/**
 * Lets the person change what is to be sent: the item of an event, or (`whole`) the body of a delivery. What became of its
 * type and account is said. Gives the parts with their new body, or no body where nothing was changed.
 * @throws WhsError `edit-one`, `edit-bytes`, `bad-edit` (exit 2), and those of `editText`
 */
export async function editPart(
  io: Io,
  replay: Replay,
  { whole }: { whole: boolean },
): Promise<{ parts: ReplayPart[]; body?: Buffer }> {
  const parts: ReplayPart[] = []
  for await (const page of replay.plan.pages()) {
    for (const part of page) {
      const [first = part] = parts
      if (part.deliverySeq !== first.deliverySeq || part.tenantId !== first.tenantId) throw editOne()
      parts.push(part)
    }
  }
  const [part] = parts
  if (!part) return { parts }
  const { work, definition } = await replay.forEdit(part)
  const headers = JSON.parse(work.headers) as RawHeaders
  const items = readItems(definition, { method: work.method, headers, body: work.body })
  const [item] = items
  const isItem = !whole && items.length === 1 && item !== undefined
  const range = isItem ? { from: item.start, to: item.start + item.length } : { from: 0, to: work.body.length }
  const old = work.body.subarray(range.from, range.to)
  if (!isUtf8(old)) throw editBytes(part)
  const text = await edited(io, old.toString())
  if (text === null) return { parts }
  const body = applyEdits(work.body, [{ ...range, text }])
  for (const change of changesOf(definition, { method: work.method, headers, body: work.body }, { body })) {
    io.note(`edited: ${safeText(change)}`)
  }
  return { parts, body }
}

/** A text as the person left it, on one line again where it was; null where it is the same. */
async function edited(io: Io, old: string): Promise<string | null> {
  const isJson = !('fault' in scanJson(Buffer.from(old)))
  const isOneLine = isJson && !/\n/.test(old)
  const shown = isOneLine ? indentJson(old) : old
  for (let draft = `${shown}\n`; ; ) {
    const text = (await editText(io, draft, isJson ? 'event.json' : 'event.txt')).replace(/\r?\n$/, '')
    if (text === shown) return null
    const fault = isJson ? faultOf(text) : undefined
    if (fault === undefined) return isOneLine ? oneLine(text) : text
    if (!io.mayAsk || !(await askYes(io, `That is no JSON: ${fault}. Edit it again?`, true))) throw badEdit(fault)
    draft = `${text}\n`
  }
}

function faultOf(text: string): string | undefined {
  const doc = scanJson(Buffer.from(text))
  if (!('fault' in doc)) return undefined
  const before = Buffer.from(text).toString('utf8', 0, doc.at)
  const lines = before.split('\n')
  return `${doc.fault}, at line ${lines.length}, column ${(lines.at(-1) as string).length + 1}`
}

function editOne(): WhsError {
  return new WhsError({
    code: 'edit-one',
    exit: exits.usage,
    what: '--edit changes one event, or one delivery of one tenant',
    why: 'more than that is chosen',
    next: 'whs replay <id> --edit',
  })
}

function editBytes({ events }: ReplayPart): WhsError {
  return new WhsError({
    code: 'edit-bytes',
    exit: exits.usage,
    what: `${events[0]?.id} cannot be edited`,
    why: 'it is no text',
    next: `whs events show ${events[0]?.id} --raw`,
  })
}

function badEdit(fault: string): WhsError {
  return new WhsError({
    code: 'bad-edit',
    exit: exits.usage,
    what: 'what was edited is no JSON, so nothing was sent',
    why: fault,
    next: 'whs replay <id> --edit',
  })
}
