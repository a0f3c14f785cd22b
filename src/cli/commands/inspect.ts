import { createInterface } from 'node:readline'
import { type OpenInspector, openInspector } from '../../app/open-inspector.ts'
import { exits } from '../../core/errors.ts'
import { type CommandContext, withApp } from '../context.ts'
import type { Io } from '../io.ts'
import { openBrowser } from '../open-browser.ts'
import { portOf } from '../port.ts'
import { iso, jsonLine } from '../render/records.ts'

interface InspectFlags {
  open: boolean
  port?: string
}

/** The inspector in a browser: the running listener's, else one over the store as it is, until Ctrl-C. */
export async function inspectCommand(context: CommandContext, flags: InspectFlags): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const inspector = await openInspector(app, portOf(flags.port, 0))
    try {
      if (inspector.isListeners && flags.port !== undefined) {
        io.note('note   the running listener serves the inspector, at a port of its own')
      }
      await show(io, inspector, flags.open && (await openBrowser(inspector.url)))
      if (inspector.isListeners) return exits.done
      await ended(io, inspector)
      return io.stop.exit
    } finally {
      await inspector.close()
    }
  })
}

async function show(io: Io, { url, isListeners }: OpenInspector, opened: boolean): Promise<void> {
  const { origin } = new URL(url)
  if (io.output === 'json') {
    await io.out(jsonLine({ type: 'inspector', at: iso(io.now()), url: opened ? origin : url, opened, isListeners }))
    return
  }
  await io.out(opened ? `The inspector is open in your browser: ${origin}` : url)
  if (!opened) io.note('works once, within half a minute')
  if (isListeners) return
  io.note('nobody listens: it shows the store as it is and grows. Ctrl-C ends it')
}

/** Until the person ends it. Enter prints another link, since one is soon too old. */
function ended(io: Io, inspector: OpenInspector): Promise<void> {
  return new Promise(resolve => {
    const lines = io.isTty.in ? createInterface({ input: io.stdin }) : null
    lines?.on('line', () => void inspector.again().then(url => io.out(url)))
    const end = (): void => {
      lines?.close()
      resolve()
    }
    if (io.stop.signal.aborted) return end()
    io.stop.signal.addEventListener('abort', end, { once: true })
  })
}
