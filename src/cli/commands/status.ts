import { statusNow } from '../../app/status.ts'
import { exits } from '../../core/errors.ts'
import { type CommandContext, withApp } from '../context.ts'
import { portOf } from '../port.ts'
import { jsonLine } from '../render/records.ts'
import { statusLines, statusRecord } from '../render/status-text.ts'

export async function status(context: CommandContext): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const now = await statusNow(app, portOf(io.env.WHS_PORT))
    if (io.output === 'json') await io.out(jsonLine(statusRecord(io, now)))
    else for (const line of statusLines(io, now)) await io.out(line)
    return exits.done
  })
}
