import type { App } from '../../app/app.ts'
import { appsWithApi, hooksOf, makeHooks, removeHooks } from '../../app/hooks-by-api.ts'
import { needsApi } from '../../app/hooks-wanted.ts'
import { exits, WhsError } from '../../core/errors.ts'
import { countText } from '../../core/text.ts'
import type { App as StoredApp } from '../../store/app-ops.ts'
import { confirmByName } from '../confirm-by-name.ts'
import { type CommandContext, withApp } from '../context.ts'
import type { Io } from '../io.ts'
import { codeOf, noteBeyond, noteUnchosen } from '../print-outcome.ts'
import { renderError } from '../render/error.ts'
import { recheckedLines } from '../render/rechecked-lines.ts'
import { noteInterrupted, openHooks, watchHooks } from '../watch-hooks.ts'

export interface ActivateFlags {
  tenant?: string[]
  resource?: string[]
  allResources?: boolean
}

export async function activateCommand(context: CommandContext, flags: ActivateFlags, name?: string): Promise<number> {
  const { io } = context
  if (flags.resource && flags.allResources) throw bothSaid()
  return withApp(context, async app => {
    const apps = name === undefined ? await appsWithApi(app) : [await app.findApp(name)]
    if (apps.length === 0) throw noneWithApi()
    let code: number = exits.done
    for (const stored of apps) {
      try {
        code = Math.max(code, await activateApp(io, app, stored, flags))
      } catch (error) {
        // Of many one that cannot be is no reason to leave the others.
        if (name !== undefined || !(error instanceof WhsError)) throw error
        if (error.code !== 'no-connection' && error.code !== 'no-tenant') code = Math.max(code, renderError(io, error))
      }
      if (io.stop.exit !== 0) return io.stop.exit
    }
    return code
  })
}

/** Makes the hooks of one app and prints what became of each; the exit code. */
async function activateApp(io: Io, app: App, stored: StoredApp, flags: ActivateFlags): Promise<number> {
  const { noun } = app.definitionOf(stored.provider).activation
  const watch = await watchHooks(io)
  const wish = { app: stored, tenants: flags.tenant ?? null, temporary: false, ...watch }
  const resources = flags.allResources ? 'all' : (flags.resource ?? 'usual')
  const { failed, unchosen, notBegun, rechecked } = await makeHooks(app, { ...wish, resources }).finally(watch.clear)
  if (rechecked?.taken) for (const line of recheckedLines(rechecked)) io.note(line)
  if (io.stop.exit !== 0) {
    noteInterrupted(io, { open: openHooks(stored.name, failed), notBegun })
    return io.stop.exit
  }
  for (const tenant of unchosen) noteUnchosen(io, { app: stored.name, tenant, noun })
  await noteBeyond(io, app, stored)
  return codeOf(failed)
}

export async function deactivateCommand(
  context: CommandContext,
  flags: { tenant?: string[]; resource?: string[]; confirm?: string },
  name: string,
): Promise<number> {
  const { io } = context
  return withApp(context, async app => {
    const stored = await app.findApp(name)
    needsApi(app.definitionOf(stored.provider), stored)
    const { tenant: tenants = null, resource: resources = null } = flags
    const hooks = await hooksOf(app, { app: stored, tenants, resources })
    if (hooks.length === 0) throw noHooks(stored.name, tenants)
    if (tenants === null && resources === null)
      await confirmAll(io, stored.name, { count: hooks.length, typed: flags.confirm })
    const watch = await watchHooks(io, true)
    const { failed, notBegun } = await removeHooks(app, hooks, watch).finally(watch.clear)
    if (io.stop.exit === 0) return codeOf(failed)
    noteInterrupted(io, { open: failed.length === 0 ? null : 'the same command again ends it', notBegun })
    return io.stop.exit
  })
}

async function confirmAll(
  io: Io,
  app: string,
  { count, typed }: { count: number; typed: string | undefined },
): Promise<void> {
  await confirmByName(io, {
    name: app,
    typed,
    what: `remove ${countText(count, 'hook')} of ${app} at the provider, so that nothing is sent any more`,
    line: `whs deactivate ${app} --confirm ${app}`,
  })
}

function noHooks(app: string, tenants: string[] | null): WhsError {
  return new WhsError({
    code: 'no-activation',
    exit: exits.unknown,
    what: tenants === null ? `${app} has no such hook` : `${tenants.join(', ')} has no such hook at ${app}`,
    why: 'there is nothing to remove',
    next: `whs activations --app ${app}`,
  })
}

function noneWithApi(): WhsError {
  return new WhsError({
    code: 'no-app',
    exit: exits.missing,
    what: 'no app is set up whose hooks an API makes',
    why: 'the others have steps for a person',
    next: 'whs providers, then whs setup <provider>',
  })
}

function bothSaid(): WhsError {
  return new WhsError({
    code: 'usage',
    exit: exits.usage,
    what: '--resource and --all-resources exclude each other',
    why: 'some are meant, or all',
    next: 'whs activate --help',
  })
}
