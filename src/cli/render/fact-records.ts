import type { Fact } from '../../app/facts.ts'
import type { StoredEvent } from '../../store/event-ops.ts'
import type { Io } from '../io.ts'
import { command } from './command.ts'
import { gapRecord } from './gap-lines.ts'
import { hookRecord } from './hook-outcome.ts'
import { recordLine } from './record-lines.ts'
import {
  claimCommand,
  connectionRecord,
  eventLine,
  forwardRecord,
  iso,
  jsonLine,
  outcomeRecords,
  rejectedRecord,
} from './records.ts'
import { resolutionRecord } from './resolution-lines.ts'

/** The lines of NDJSON for one fact of a running session; none for what records do not carry. */
export function factRecords(io: Io, fact: Fact): string[] {
  const at = iso(io.now())
  switch (fact.kind) {
    case 'event':
      return eventLines(io, fact.event, fact.item)
    case 'attempt':
      return [jsonLine(forwardRecord(io, fact.attempt))]
    case 'rejected':
      return [jsonLine(rejectedRecord(io, fact.rejected))]
    case 'record':
      return [recordLine(io, fact.record)]
    case 'waiting':
      return []
    case 'connection':
      return outcomeRecords(fact.ended, at).map(jsonLine)
    case 'connection-changed':
      return [jsonLine(connectionRecord(io, fact.connection, fact.tenant))]
    case 'activation':
      return [jsonLine(hookRecord(io, fact.outcome))]
    case 'handshake': {
      const { app, handshake: kind, outcome, status, times, why = null, fix } = fact
      return [
        jsonLine({ type: 'handshake', at, app, kind, outcome, status, times, why, fix: fix ? command(io, fix) : null }),
      ]
    }
    case 'ready': {
      const { url, callbacks, tunnel, probedMs, moved, open, inspector, pid } = fact
      const probed = probedMs !== null
      return [
        jsonLine({
          type: 'ready',
          at,
          url,
          callbacks,
          tunnel,
          probed,
          moved,
          open: open.open,
          untaken: open.untaken,
          inspector,
          pid,
        }),
      ]
    }
    case 'resolution':
      return [jsonLine(resolutionRecord(io, fact))]
    case 'gap':
      return [jsonLine(gapRecord(io, fact.gap))]
    case 'end':
      return [jsonLine({ type: 'end', at, why: fact.why, ms: fact.ms, ...fact.counts })]
    case 'warning': {
      const { code, detail, fix } = fact
      return [jsonLine({ type: 'warning', at, code, detail, ...(fix ? { fix: command(io, fix) } : {}) })]
    }
    case 'stray': {
      const { kind, hint, ...rest } = fact
      return [jsonLine({ type: kind, at, ...rest, hint: hint && command(io, hint) })]
    }
    default: {
      const { kind, ...rest } = fact
      return [jsonLine({ type: kind, at, ...rest })]
    }
  }
}

/** A repeat that goes nowhere is a `repeat` record; every other event is an `event`, and `parked` where nobody owns it. */
function eventLines(io: Io, event: StoredEvent, item: Buffer | null): string[] {
  if (event.repeatOf && event.forwards === '[]') {
    const { receivedAt, deliveryId, repeatOf: of, repeats: times } = event
    return [jsonLine({ type: 'repeat', at: iso(receivedAt), deliveryId, of, times })]
  }
  const lines = [eventLine(event, item)]
  if (event.scope === 'parked') lines.push(jsonLine(parkedRecord(io, event)))
  return lines
}

function parkedRecord(io: Io, event: StoredEvent): object {
  const { id, app, account, reason, fault, receivedAt } = event
  const claim = claimCommand(io, event)
  return {
    type: 'parked',
    at: iso(receivedAt),
    eventIds: [id],
    app,
    account,
    reason,
    ...(fault ? { detail: fault } : {}),
    ...(claim ? { claim } : {}),
  }
}
