import type { App } from '../app/app.ts'
import type { Fact } from '../app/facts.ts'
import type { Quota } from '../app/session-quota.ts'
import type { Io } from './io.ts'
import type { RecordLog } from './record-log.ts'
import { accountWord } from './render/account-word.ts'
import { factRecords } from './render/fact-records.ts'
import { makeListenText } from './render/listen-text.ts'

/** Prints what a session tells, one fact after the other, as text or records, and keeps the records in a log. */
export interface SessionPrinter {
  onFact(fact: Fact): Promise<void>
  /** Rejects when stdout can no longer be written to. */
  failed: Promise<never>
  /** No more lines for what waits. */
  close(): void
}

export interface SessionPrinterOptions {
  io: Io
  version: string
  app: App
  quota?: Quota | undefined
  log?: RecordLog | undefined
  /** Tell in a line of its own what was fetched. */
  tellsRecords?: boolean
}

const overdueMs = 250

export function makeSessionPrinter(options: SessionPrinterOptions): SessionPrinter {
  const { io, version, app, quota, log, tellsRecords = false } = options
  const text = makeListenText({
    io,
    version,
    accountWord,
    readEvent: seq => app.store().read('readEvent', { seq }),
    eager: false,
    tellsRecords,
  })
  let printing = Promise.resolve()
  let fail: (error: unknown) => void = () => undefined
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  failed.catch(() => undefined)
  const inTurn = (print: () => Promise<void>): Promise<void> => {
    printing = printing.then(print).catch(fail)
    return printing
  }
  async function print(fact: Fact): Promise<void> {
    if (quota && !quota.takes(fact)) return
    const records = log || io.output === 'json' ? factRecords(io, fact) : []
    await log?.append(records)
    for (const line of io.output === 'json' ? records : await text.lines(fact)) await io.out(line)
  }
  async function printOverdue(): Promise<void> {
    if (io.output === 'text') for (const line of text.overdue()) await io.out(line)
  }
  const looking = setInterval(() => void inTurn(printOverdue), overdueMs)
  return { onFact: fact => inTurn(() => print(fact)), failed, close: () => clearInterval(looking) }
}
