import type { App } from '../app/app.ts'
import { hooksAfterConsent } from '../app/hooks-by-api.ts'
import { apiScope } from '../app/hooks-wanted.ts'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits } from '../core/errors.ts'
import { shellWord } from '../core/shell-word.ts'
import { safeText } from '../core/text.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { ConnectionResult } from '../store/consent-ops.ts'
import type { Io } from './io.ts'
import { codeOf, noteBeyond, noteUnchosen } from './print-outcome.ts'
import { namedAccount } from './render/account-word.ts'
import { command } from './render/command.ts'
import { makePaint } from './render/paint.ts'
import { recheckedLines } from './render/rechecked-lines.ts'
import { releasedText } from './render/released-text.ts'
import { noteInterrupted, openHooks, watchHooks } from './watch-hooks.ts'

/** Prints who is connected now, with what was released. */
export async function printConnections(
  io: Io,
  { provider }: StoredApp,
  connections: ConnectionResult[],
): Promise<void> {
  const paint = makePaint(io.color)
  for (const { tenants, accounts, released, mended } of connections) {
    const words = accounts.map(({ name, kind, id }) => namedAccount({ provider, kind, value: id, name }))
    const how = mended ? 'is connected again' : 'is connected'
    await io.out(`${paint.good('✓')} ${paint.tenant(tenants.join(', '))} ${how}: ${words.join('; ')}`)
    if (released.events === 0) continue
    await io.out(`  ${releasedText(io, released)}`)
  }
  const left = new Set(connections.flatMap(({ leftHooks = [] }) => leftHooks))
  for (const one of left) io.note(`warning  a hook stays at ${provider}, of ${safeText(one)}`)
}

/**
 * What a provider needs after a consent so that it sends: hooks by its API, made now where a listener is reached from
 * outside; else what to type is said. The exit code: a consent stands, also where a hook does not.
 */
export async function hooksOfConsent(
  io: Io,
  app: App,
  stored: StoredApp,
  { connections, activates }: { connections: ConnectionResult[]; activates: boolean },
): Promise<number> {
  const definition = app.definitionOf(stored.provider)
  const { per, noun } = definition.activation
  const scope = apiScope(definition)
  if (scope === null || !activates) {
    const isSent = scope === null && per === 'app'
    if (!isSent) noteNext(io, { definition, app: stored.name, connections: connections.filter(one => !one.mended) })
    return exits.done
  }
  const tenants = [...new Set(connections.flatMap(one => one.tenants.slice(0, 1)))]
  const watch = await watchHooks(io)
  const wish = { app: stored, tenants, resources: 'usual' as const, temporary: false, ...watch }
  const done = await hooksAfterConsent(app, wish).finally(watch.clear)
  if (done === 'later') {
    io.note(`note   ${definition.company} needs a listener that it reaches: ${command(io, 'whs listen')}`)
    noteNext(io, { definition, app: stored.name, connections })
    return exits.done
  }
  if (done?.rechecked?.taken) for (const line of recheckedLines(done.rechecked)) io.note(line)
  if (io.stop.exit !== 0) {
    const { failed = [], notBegun = 0 } = done ?? {}
    noteInterrupted(io, { open: openHooks(stored.name, failed), notBegun })
    return io.stop.exit
  }
  for (const tenant of done?.unchosen ?? []) noteUnchosen(io, { app: stored.name, tenant, noun })
  if (done) await noteBeyond(io, app, stored)
  // What a listener tries again is no failure yet.
  return codeOf((done?.failed ?? []).filter(({ nextAt }) => nextAt === null))
}

/** What to type so that a provider sends. */
function noteNext(
  io: Io,
  { definition, app, connections }: { definition: ProviderDefinition; app: string; connections: ConnectionResult[] },
): void {
  const scope = apiScope(definition)
  const verb = scope === null ? 'activations add' : 'activate'
  const owners =
    scope === 'app' ? [''] : connections.map(({ tenants: [first = '<id>'] }) => ` --tenant ${shellWord(first)}`)
  for (const owner of new Set(owners)) {
    const line = makePaint(io.color).strong(command(io, `whs ${verb} ${app}${owner}`))
    io.note(`next   ${line}   (${definition.name} sends nothing before)`)
  }
}
