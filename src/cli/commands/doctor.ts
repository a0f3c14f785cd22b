import { readFile } from 'node:fs/promises'
import type { Check } from '../../app/check.ts'
import { checkAll } from '../../app/doctor.ts'
import { exits } from '../../core/errors.ts'
import { countText, safeText } from '../../core/text.ts'
import { type CommandContext, withApp } from '../context.ts'
import type { Io } from '../io.ts'
import { portOf } from '../port.ts'
import { command } from '../render/command.ts'
import { makePaint } from '../render/paint.ts'
import { iso, jsonLine } from '../render/records.ts'

export async function doctor(context: CommandContext): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const counts = { ok: 0, warning: 0, fault: 0 }
    const options = { port: portOf(io.env.WHS_PORT), readFile: (path: string) => readFile(path, 'utf8') }
    for await (const check of checkAll(app, options)) {
      counts[check.level]++
      for (const line of checkLines(io, check)) await io.out(line)
    }
    if (io.output === 'text') {
      const { ok, warning, fault } = counts
      await io.out(`${ok} ok, ${countText(warning, 'warning')}, ${countText(fault, 'fault')}`)
    }
    return counts.fault > 0 ? exits.usage : exits.done
  })
}

function checkLines(io: Io, { name, level, detail, fix }: Check): string[] {
  const mend = fix === null ? null : command(io, fix)
  if (io.output === 'json') return [jsonLine({ type: 'check', at: iso(io.now()), name, level, detail, fix: mend })]
  const paint = makePaint(io.color)
  const mark = { ok: paint.good('ok     '), warning: paint.warn('warning'), fault: paint.bad('fault  ') }[level]
  const lines = [`${mark}  ${name.padEnd(16)}  ${safeText(detail)}`]
  if (mend !== null) lines.push(`${' '.repeat(27)}${paint.strong(safeText(mend))}`)
  return lines
}
