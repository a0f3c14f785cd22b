import { resolve } from 'node:path'
import { type Imported, importDelivery } from '../../app/import-delivery.ts'
import { exits } from '../../core/errors.ts'
import { safeText } from '../../core/text.ts'
import { type CommandContext, withApp } from '../context.ts'
import type { Io } from '../io.ts'
import { command } from '../render/command.ts'
import { shortId } from '../render/event-row.ts'
import { eventPrinter } from '../render/event-state.ts'

export async function eventsImport(
  context: CommandContext,
  // `events` itself has --app as a filter, which may be repeated.
  flags: { app?: string[]; asTenant?: string },
  files: string[],
): Promise<number> {
  const { io } = context
  const named = flags.app?.at(-1)
  const wish = { ...(named ? { app: named } : {}), ...(flags.asTenant ? { asTenant: flags.asTenant } : {}) }
  return withApp(context, async app => {
    for (const given of files) {
      if (io.stop.signal.aborted) return io.stop.exit
      const file = resolve(io.cwd, given)
      const imported = await importDelivery(app, { file, ...wish })
      const print = eventPrinter(io, app, imported.events)
      for (const event of imported.events) await print(event)
      tell(io, imported)
    }
    return exits.done
  })
}

function tell(io: Io, { events, unverified }: Imported): void {
  const how =
    unverified === null ? 'it verified with a secret of this store' : `not verified here: ${safeText(unverified)}`
  io.note(`${how}. Nothing was forwarded`)
  const one = events.find(({ scope }) => scope !== 'parked')
  if (one) io.note(command(io, `send it, signed with this store’s secret: whs replay ${shortId(one.id)}`))
  else io.note(command(io, 'it is nobody’s here; as a tenant’s of yours: whs events import <file> --as-tenant <id>'))
}
