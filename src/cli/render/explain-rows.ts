import type { ExplainedDelivery, ExplainedEvent } from '../../app/explain.ts'
import type { ExplainedRejected } from '../../app/explain-rejected.ts'
import type { ProofFacts } from '../../app/proof-facts.ts'
import { clip, safeText } from '../../core/text.ts'
import type { StoredEvent } from '../../store/event-ops.ts'
import { isOwn } from '../../store/own-delivery-ops.ts'
import type { Io } from '../io.ts'
import { accountWord } from './account-word.ts'
import { command } from './command.ts'
import { shortId } from './event-row.ts'
import { makePaint } from './paint.ts'
import { wrap } from './wrap.ts'

/** A line of an explanation: what it is about, and what is to be said. */
export type ExplainRow = [label: string, text: string]

/** What is to be typed: broken into two lines, it could not be copied. */
const typed = ['next', 'claim it']

/** Rows as lines that fit the terminal, their labels in one column. */
export function rowLines(io: Io, rows: ExplainRow[]): string[] {
  const paint = makePaint(io.color)
  const width = Math.min(12, Math.max(10, ...rows.map(([label]) => label.length)))
  return rows.map(([label, text]) => {
    const line = `${paint.faint(label.padEnd(width))}  ${text}`
    return typed.includes(label) ? line : wrap(line, io.columns, width + 2)
  })
}

/** What was signed, piece by piece: its name, its length, how it begins. */
function partRows(io: Io, { parts }: ProofFacts): ExplainRow[] {
  const room = Math.max(20, io.columns - 46)
  const widest = Math.max(0, ...parts.map(({ name }) => name.length))
  return parts.map(({ name, bytes, begins }): ExplainRow => {
    const size =
      bytes === null ? 'the secret itself, not shown' : `${String(bytes).padStart(6)} bytes  ${clip(begins, room)}`
    return ['', `${safeText(name).padEnd(widest)}  ${size}`]
  })
}

/** How a delivery was proved. */
export function proofRows(
  io: Io,
  { verified, source }: Pick<StoredEvent, 'verified' | 'source'>,
  facts: ExplainedDelivery,
): ExplainRow[] {
  const paint = makePaint(io.color)
  if (facts.call !== null) return [['verified', safeText(facts.call)]]
  if (verified === 'none' || !facts.proof) {
    const why =
      verified === 'none'
        ? source === 'import'
          ? 'it was imported, and no secret of this store proved it'
          : 'the listener took it by --allow-unverified'
        : 'its scheme is not in the definition any more'
    return [['verified', `${paint.bad('NOT verified')}: ${why}`]]
  }
  const { proof, secret, hook } = facts
  const by = [secret, hook && `by ${hook}`].filter(Boolean).join(', ')
  return [['verified', safeText(proof.how)], ...(by ? [['by', by] as ExplainRow] : []), ...partRows(io, proof)]
}

/** How an event was read, and whose that makes it. */
export function itemRows(event: StoredEvent, facts: ExplainedEvent): ExplainRow[] {
  const { otherShapes, accounts, mapping, connection, bound, fault } = facts
  const rows: ExplainRow[] = [
    ['split', safeText(facts.split)],
    ['shape', `${facts.shape}, which says that it is ${safeText(event.providerEvent ?? 'nothing known')}`],
  ]
  if (fault) rows.push(['why', safeText(fault)])
  for (const { kind, value, place, tenants, decided } of accounts) {
    const word = accountWord(event.provider, kind)
    const whose = tenants.length > 0 ? tenants.join(', ') : event.tenant !== null && decided ? event.tenant : 'nobody'
    const text =
      value === '' ? `none: nothing stands at ${place}` : `${word} ${safeText(value)} at ${safeText(placeText(place))}`
    rows.push([decided || value === '' ? 'account' : 'also names', value === '' ? text : `${text} → ${whose}`])
  }
  rows.push(['mapping', safeText(mapping)])
  if (connection) rows.push(['connection', safeText(connection)])
  const boundBy = isOwn(event.source) ? 'the token that read it' : 'the hook that it came by'
  if (bound !== null) rows.push(['bound', `${boundBy} is ${bound}’s: nobody else can get it`])
  if (otherShapes.length > 0) rows.push(['not', clip(safeText(otherShapes.join('; ')), 240)])
  return rows
}

function placeText(place: string): string {
  return place.startsWith('header:') ? `header ${place.slice(7)}, which the signature may not cover` : place
}

/** Why a request did not verify, and what to do. */
export function rejectedRows(io: Io, { proof, against, diagnosis, next }: ExplainedRejected): ExplainRow[] {
  const paint = makePaint(io.color)
  const { findings, evidence, tried, complete } = diagnosis
  const rows: ExplainRow[] = []
  if (proof) rows.push(['wanted', safeText(proof.how)], ...partRows(io, proof))
  const secrets = against.map(
    ({ name, fingerprint, hook }) => `${name} ${fingerprint}${hook ? ` (hook of ${hook})` : ''}`,
  )
  const more = secrets.length > 4 ? ` and ${secrets.length - 4} more` : ''
  rows.push(['secrets', secrets.length > 0 ? `${secrets.slice(0, 4).join(', ')}${more}` : 'none is stored'])
  for (const [index, { certainty, text }] of findings.entries()) {
    const label = certainty === 'seen' ? 'seen' : index === 0 ? 'found' : 'and'
    rows.push([label, paint.strong(safeText(text))])
  }
  if (evidence) rows.push(['proof', safeText(evidence)])
  if (tried.length > 0) {
    const end = complete ? 'none of it matches' : 'nothing matched, and not everything could be tried'
    rows.push(['tried', `${tried.map(safeText).join(', ')}: ${end}`])
  }
  if (next) rows.push(['next', command(io, safeText(next))])
  return rows
}

/** One event of a delivery in a line. */
export function eventRowOf(io: Io, event: StoredEvent): ExplainRow {
  const paint = makePaint(io.color)
  const owner = event.tenant
    ? paint.tenant(event.tenant)
    : paint.warn(event.scope === 'parked' ? `parked: ${event.reason}` : event.scope)
  const account = event.account === null ? '' : `  ${safeText(event.account)} at ${safeText(event.place ?? '')}`
  return [shortId(event.id), `${owner}  ${safeText(event.event ?? event.fault ?? '?')}${account}`]
}
