import { type CaughtUp, catchUp, mayCatchUp } from '../../app/catch-up.ts'
import { knownTenant } from '../../app/known-tenant.ts'
import { exits } from '../../core/errors.ts'
import { parseMoment } from '../../core/filter.ts'
import type { App as StoredApp } from '../../store/app-ops.ts'
import { type CommandContext, withApp } from '../context.ts'
import { startProgress } from '../progress.ts'
import { command } from '../render/command.ts'
import { gapRecord, gapText } from '../render/gap-lines.ts'
import { jsonLine } from '../render/records.ts'

interface CatchUpFlags {
  since?: string
  tenant?: string[]
  app?: string[]
  dryRun?: boolean
}

const noFeed = 'No app here has a feed that says what was missed; whs providers show tells.'
const noPlace = 'There is nothing yet for which the API could be asked: whs connect and whs activate come first.'

/** Fetches back what was missed, and says at which place how much. */
export async function catchup(context: CommandContext, flags: CatchUpFlags): Promise<number> {
  const { io } = context
  const since = flags.since === undefined ? null : parseMoment(flags.since, '--since', io.now())
  return withApp(context, async app => {
    const tenants = flags.tenant ?? null
    for (const name of tenants ?? []) await knownTenant(app, name)
    const apps: StoredApp[] | null = flags.app === undefined ? null : []
    for (const name of flags.app ?? []) apps?.push(await app.findApp(name))
    const gap = await app.store().read('readGap')
    const to = io.now()
    let progress: ReturnType<typeof startProgress> | undefined
    let shown = 0
    let firstExit: number | null = null
    const onCaughtUp = async (one: CaughtUp): Promise<void> => {
      progress?.clear()
      firstExit ??= one.failure?.exit ?? null
      if (io.output === 'json') return io.out(jsonLine(gapRecord(io, one)))
      const text = gapText(io, one)
      if (text !== null) await io.out(text)
    }
    const all = await catchUp(app, {
      since,
      gap,
      tenants,
      apps,
      dry: flags.dryRun === true,
      signal: io.stop.signal,
      onCaughtUp,
      onProgress(done, of) {
        progress ??= startProgress(io, of, 'place')
        progress.step(done - shown, 0)
        shown = done
      },
    })
    progress?.clear()
    if (io.stop.signal.aborted) return io.stop.exit
    const whole = { from: since ?? gap?.from ?? null, to, why: gap?.why ?? ('asked' as const), all }
    if (io.output === 'json')
      await io.out(jsonLine(gapRecord(io, { ...whole, why: since === null ? whole.why : 'asked' })))
    else if (all.places === 0) await io.out(command(io, (await mayCatchUp(app, apps)) ? noPlace : noFeed))
    else if (all.current === all.places) {
      await io.out(command(io, 'Nothing is known to be missed; whs catchup --since 2h asks all the same.'))
    } else await io.out(gapText(io, { ...whole, from: null }) ?? '')
    return firstExit ?? exits.done
  })
}
