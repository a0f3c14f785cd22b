import { countPrunable, type PruneOptions, prune } from '../../app/prune.ts'
import { exits } from '../../core/errors.ts'
import { parseMoment } from '../../core/filter.ts'
import { bytesText, countText } from '../../core/text.ts'
import type { Pruned } from '../../store/prune-op.ts'
import { type CommandContext, withApp } from '../context.ts'
import type { Io } from '../io.ts'
import { startProgress } from '../progress.ts'
import { command } from '../render/command.ts'
import { iso, jsonLine } from '../render/records.ts'

interface PruneFlags {
  olderThan?: string
  tenant?: string[]
  parked?: boolean
  rejected?: boolean
}

const usual = '30d'

export async function pruneCommand(context: CommandContext, flags: PruneFlags): Promise<number> {
  const { io } = context
  const options: PruneOptions = {
    ...(flags.olderThan === undefined ? {} : { before: parseMoment(flags.olderThan, '--older-than', io.now()) }),
    tenants: flags.tenant ?? [],
    parked: flags.parked === true,
    rejected: flags.rejected === true,
  }
  return withApp(context, async app => {
    const { before, tenants, parked, rejected } = options
    if (before === undefined && tenants.length === 0 && !parked && !rejected) {
      const none = { tenants: [], parked: false, rejected: false }
      const old = parseMoment(usual, '--older-than', io.now())
      const choices = [
        [`--older-than ${usual}`, { ...none, before: old }],
        ['--parked', { ...none, parked: true }],
        ['--rejected', { ...none, rejected: true }],
      ] as const
      for (const [flag, choice] of choices) await tell(io, flag, await countPrunable(app, choice))
      if (io.output === 'text')
        io.note(command(io, `nothing was deleted; whs prune --older-than ${usual} does, for good`))
      return exits.done
    }
    const progress = startProgress(io, (await countPrunable(app, options)).events, 'event')
    const { shrunk, ...pruned } = await prune(app, options, {
      signal: io.stop.signal,
      onSlice: ({ events }) => progress.step(events, 0),
    })
    progress.clear()
    await tell(io, null, pruned)
    if (!shrunk)
      io.note(
        'the file stays as large while a listener runs; its room is used again, and a pruning without one shrinks it',
      )
    return io.stop.signal.aborted ? io.stop.exit : exits.done
  })
}

/** With a flag: what it would take. */
async function tell(io: Io, flag: string | null, { events, deliveries, rejected, bytes }: Pruned): Promise<void> {
  if (io.output === 'json') {
    const what = flag === null ? { done: true } : { done: false, condition: flag }
    return io.out(jsonLine({ type: 'prune', at: iso(io.now()), ...what, events, deliveries, rejected, bytes }))
  }
  const what = `${countText(events, 'event')}, ${countText(rejected, 'rejected request')}, ${bytesText(bytes)}`
  return io.out(flag === null ? `deleted ${what}` : `${flag.padEnd(18)}  ${what}`)
}
