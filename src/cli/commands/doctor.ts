import { readFile } from 'node:fs/promises'
import type { App } from '../../app/app.ts'
import type { Check } from '../../app/check.ts'
import { checkAll } from '../../app/doctor.ts'
import { exits } from '../../core/errors.ts'
import { countText, safeText } from '../../core/text.ts'
import { type CommandContext, withApp } from '../context.ts'
import type { Io } from '../io.ts'
import { portOf } from '../port.ts'
import { command } from '../render/command.ts'
import { hookCallText } from '../render/hook-call-text.ts'
import { makePaint } from '../render/paint.ts'
import { iso, jsonLine } from '../render/records.ts'
import { wrap } from '../render/wrap.ts'
import { startWaiting, type Waiting } from '../spinner.ts'

export async function doctor(context: CommandContext): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const waiting = await startWaiting(io)
    return look(io, app, waiting).finally(waiting.clear)
  })
}

/** Prints each check as it is known; the exit code. */
async function look(io: Io, app: App, waiting: Waiting): Promise<number> {
  const counts = { ok: 0, warning: 0, fault: 0 }
  const well: string[] = []
  const checks = checkAll(app, {
    port: portOf(io.env.WHS_PORT),
    readFile: path => readFile(path, 'utf8'),
    signal: io.stop.signal,
    onCall: call => waiting.on(hookCallText(call)),
  })
  for await (const check of checks) {
    waiting.clear()
    if (io.stop.exit !== 0) return io.stop.exit
    counts[check.level]++
    const name = /^app (.+)$/.exec(check.name)?.[1]
    if (io.output === 'text' && name !== undefined && check.level === 'ok') {
      well.push(name)
      continue
    }
    if (name === undefined) for (const line of wellLines(io, well)) await io.out(line)
    for (const line of checkLines(io, check)) await io.out(line)
  }
  if (io.output === 'text') {
    const { ok, warning, fault } = counts
    await io.out(`${ok} ok, ${countText(warning, 'warning')}, ${countText(fault, 'fault')}`)
  }
  return counts.fault > 0 ? exits.usage : exits.done
}

/** The apps with which nothing is wrong, in one line, once they are all known. */
function wellLines(io: Io, well: string[]): string[] {
  const names = well.splice(0)
  if (names.length === 0) return []
  const detail = `${names.length} well: ${names.join(', ')}`
  return checkLines(io, { name: 'apps', level: 'ok', detail, fix: null })
}

const detailAt = 27

function checkLines(io: Io, { name, level, detail, fix }: Check): string[] {
  const mend = fix === null ? null : command(io, fix)
  if (io.output === 'json') return [jsonLine({ type: 'check', at: iso(io.now()), name, level, detail, fix: mend })]
  const paint = makePaint(io.color)
  const mark = { ok: paint.good('ok     '), warning: paint.warn('warning'), fault: paint.bad('fault  ') }[level]
  const indent = ' '.repeat(detailAt)
  const head = `${mark}  ${safeText(name).padEnd(16)}`
  // A name that is too long has its line alone, so that what is said of it stands straight.
  const lines = name.length > 16 ? [head, wrap(indent + safeText(detail), io.columns)] : []
  if (lines.length === 0) lines.push(wrap(`${head}  ${safeText(detail)}`, io.columns, detailAt))
  if (mend !== null) lines.push(`${indent}${paint.strong(safeText(mend))}`)
  return lines
}
