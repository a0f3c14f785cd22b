import { resolve } from 'node:path'
import { type SavedVerdict, verifySaved } from '../../app/verify-saved.ts'
import { exits } from '../../core/errors.ts'
import { bytesText, safeText } from '../../core/text.ts'
import { type CommandContext, withApp } from '../context.ts'
import type { Io } from '../io.ts'
import { command } from '../render/command.ts'
import { type ExplainRow, rejectedRows, rowLines } from '../render/explain-rows.ts'
import { makePaint } from '../render/paint.ts'
import { iso, jsonLine } from '../render/records.ts'

/** Ends with 0 where it verifies, 8 where it does not, 3 where no secret is stored that could prove it. */
export async function verifyCommand(context: CommandContext, flags: { file: string; app?: string }): Promise<number> {
  const { io } = context
  return withApp(context, async app => {
    const verdict = await verifySaved(app, resolve(io.cwd, flags.file), flags.app)
    for (const line of io.output === 'json' ? [record(io, verdict)] : lines(io, verdict)) await io.out(line)
    if (verdict.verified !== 'none') return exits.done
    return verdict.reason === 'no-secret' ? exits.missing : exits.handler
  })
}

function record(io: Io, { saved, app, verified, fingerprint, reason, detail, explained, items }: SavedVerdict): string {
  const { id: deliveryId, masked } = saved.facts
  return jsonLine({
    type: 'verification',
    at: iso(io.now()),
    deliveryId,
    app,
    verified,
    fingerprint,
    reason,
    detail: detail && command(io, detail),
    masked,
    ...(explained ? { diagnosis: explained.diagnosis } : {}),
    items: items.map(({ event, providerEvent, providerEventId, accounts, fault }) => ({
      event,
      providerEvent,
      providerEventId,
      accounts: accounts.flat().map(({ kind, value, place }) => ({ kind, value, place })),
      fault,
    })),
  })
}

function lines(io: Io, verdict: SavedVerdict): string[] {
  const { saved, app, verified, fingerprint, reason, detail, explained, items } = verdict
  const { facts, body } = saved
  const paint = makePaint(io.color)
  const isGood = verified !== 'none'
  const title = isGood ? paint.good('verifies') : paint.bad('does not verify')
  const by =
    verified === 'signature' ? 'by signature over the exact bytes' : 'by its token, which proves the sender only'
  const rows: ExplainRow[] = [
    ['received', `${facts.receivedAt} at ${facts.app} (${facts.env}), held against ${app} here`],
    ['request', `${facts.method} ${safeText(facts.path + facts.suffix)}  ${bytesText(body.length)}`],
    ...(facts.masked.length > 0
      ? [['masked', `${facts.masked.map(safeText).join(', ')}: what proves by that cannot be checked`] as ExplainRow]
      : []),
    isGood
      ? ['verified', `${by}${fingerprint ? `, key ${fingerprint}` : ''}, as of its arrival`]
      : ['reason', `${reason}: ${command(io, safeText(detail ?? ''))}`],
    ...(explained ? rejectedRows(io, explained) : []),
    ...items.slice(0, mostItems).map((item): ExplainRow => {
      const accounts = item.accounts.flat().map(({ value, place }) => `${safeText(value)} at ${safeText(place)}`)
      return ['item', `${safeText(item.event ?? item.fault ?? '?')}  ${accounts.join(', ')}`]
    }),
    ...(items.length > mostItems ? [['', `… ${items.length - mostItems} more`] as ExplainRow] : []),
  ]
  return [`${title}  ${paint.faint(facts.id)}`, ...rowLines(io, rows)]
}

const mostItems = 6
