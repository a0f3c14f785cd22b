import { bytesText, safeText } from '../../core/text.ts'
import type { StoredRejected } from '../../store/rejected-ops.ts'
import type { Io } from '../io.ts'
import { command } from './command.ts'
import { moment, shortId } from './event-row.ts'
import { makePaint } from './paint.ts'
import { jsonLine, rejectedRecord } from './records.ts'
import { wrap } from './wrap.ts'

/** A request that did not verify, as a record or a line of text. */
export function rejectedLine(io: Io, rejected: StoredRejected): string {
  if (io.output === 'json') return jsonLine(rejectedRecord(io, rejected))
  const paint = makePaint(io.color)
  const { app, status, bytes, id, reason, detail, receivedAt } = rejected
  const time = paint.faint(moment(receivedAt, io.now()))
  const row = `${time}  ${app}  answered ${status}  ${bytesText(bytes)}  ${paint.strong(shortId(id))}  ${paint.bad(reason)}: ${command(io, safeText(detail))}`
  return wrap(row, io.columns, 10)
}
