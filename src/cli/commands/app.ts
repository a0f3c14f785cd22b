import { addApp, setApp } from '../../app/add-app.ts'
import type { App } from '../../app/app.ts'
import { type AppDraft, draftApp, type Missing, missingOf } from '../../app/app-draft.ts'
import { type AppFacts, appFacts } from '../../app/app-facts.ts'
import { settingFault } from '../../app/app-settings.ts'
import { consentDeps } from '../../app/consent-deps.ts'
import { doorNow } from '../../app/door-now.ts'
import type { Rechecked } from '../../app/recheck-kept.ts'
import { endHooks } from '../../connect/activation/end-hooks.ts'
import type { Environment, ProviderDefinition } from '../../core/definition.ts'
import { exits, WhsError } from '../../core/errors.ts'
import { parseDuration } from '../../core/filter.ts'
import { countText } from '../../core/text.ts'
import type { App as StoredApp } from '../../store/app-ops.ts'
import { askSecret, askText } from '../ask.ts'
import { confirmByName } from '../confirm-by-name.ts'
import { type CommandContext, withApp } from '../context.ts'
import type { Io } from '../io.ts'
import { portOf } from '../port.ts'
import { takeProjectProvider } from '../project-provider.ts'
import { appLines, appRecord, appRow } from '../render/app-lines.ts'
import { command } from '../render/command.ts'
import { noteHandMade, noteLeft } from '../render/left-hooks.ts'
import { makePaint } from '../render/paint.ts'
import { recheckedLines } from '../render/rechecked-lines.ts'
import { iso, jsonLine } from '../render/records.ts'
import { noteOddity, readSecrets } from '../secret-input.ts'
import type { SecretFlags } from '../secret-options.ts'

interface AppFlags extends SecretFlags {
  clientId?: string
  set?: string[]
  host?: string[]
}

export interface AddFlags extends AppFlags {
  app?: string
  env?: Environment
}

export async function appAdd(context: CommandContext, flags: AddFlags, provider: string): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const stored = await addByAsking(io, app, flags, provider)
    return printApp(io, app, stored, 'stored')
  })
}

/** Stores an app from flags, environment and answers; `setup` begins with it too. */
export async function addByAsking(io: Io, app: App, flags: AddFlags, provider: string): Promise<StoredApp> {
  await takeProjectProvider(io, app, provider)
  const draft = await draftApp(app, {
    provider,
    hosts: flags.host ?? [],
    settings: flags.set ?? [],
    ...(flags.app === undefined ? {} : { name: flags.app }),
    ...(flags.env === undefined ? {} : { env: flags.env }),
    ...(flags.clientId === undefined ? {} : { clientId: flags.clientId.trim() }),
  })
  Object.assign(draft.secrets, await readSecrets(io, flags, draft.definition))
  const missing = missingOf(draft)
  const needed = missing.filter(({ optional }) => !optional)
  if (needed.length > 0 && !io.mayAsk) throw missingError(draft, needed)
  for (const one of io.mayAsk ? missing : []) await answer(io, draft, one)
  return addApp(app, draft, portOf(io.env.WHS_PORT))
}

async function answer(io: Io, draft: AppDraft, { kind, name, label, where, optional }: Missing): Promise<void> {
  const { definition, env, secrets, settings } = draft
  io.note(makePaint(io.color && io.isTty.err).faint(`${definition.name} (${env}): ${where}`))
  if (kind === 'client-id') {
    draft.clientId = (await askText(io, { message: label })).trim()
    return
  }
  if (kind === 'setting') {
    const value = await askSetting(io, definition, name, optional)
    if (value !== '') settings[name] = value
    return
  }
  const value = await askSecret(io, optional ? `${label} (empty: none)` : label, optional)
  if (value === '') return
  noteOddity(io, `the ${label}`, value)
  secrets[name] = value
}

/** Asks for a setting; empty where it may be left out and was. */
export async function askSetting(
  io: Io,
  definition: ProviderDefinition,
  name: string,
  mayBeEmpty: boolean,
): Promise<string> {
  const label = definition.settings?.[name]?.label ?? name
  const check = (text: string): true | string =>
    (mayBeEmpty && text.trim() === '') || (settingFault(definition, name, text.trim())?.replace(/;.*/, '') ?? true)
  return (await askText(io, { message: mayBeEmpty ? `${label} (empty: none)` : label, check })).trim()
}

function missingError({ definition, name, env }: AppDraft, missing: Missing[]): WhsError {
  const words = missing.map(({ label }) => label).join(' and ')
  const variables = missing.map(({ variable }) => variable).join(' and ')
  const where = [...new Set(missing.map(({ where }) => where))].join(' · ')
  const flags = missing.map(({ flag }) => flag).join(' ')
  const named = `${name === definition.id ? '' : ` --app ${name}`} --env ${env}`
  return new WhsError({
    code: 'app-incomplete',
    exit: exits.usage,
    what: `${words} of ${name} ${missing.length > 1 ? 'are' : 'is'} missing, and nobody can be asked`,
    why: `found in the portal: ${where}`,
    next: `whs app add ${definition.id}${named} ${flags}   (or set ${variables})`,
  })
}

export async function appSet(
  context: CommandContext,
  flags: AppFlags & { keepOld: string },
  name: string,
): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const keepOldMs = parseDuration(flags.keepOld, '--keep-old')
    const stored = await app.findApp(name)
    const secrets = await readSecrets(io, flags, app.definitionOf(stored.provider))
    const named = flags.clientId === undefined ? {} : { clientId: flags.clientId.trim() }
    const places = { hosts: flags.host ?? [], settings: flags.set ?? [] }
    const { app: changed, rechecked } = await setApp(app, stored, { ...named, ...places, secrets, keepOldMs })
    return printApp(io, app, changed, 'changed', rechecked)
  })
}

async function printApp(
  io: Io,
  app: App,
  stored: StoredApp,
  done: 'stored' | 'changed',
  rechecked: Rechecked | null = null,
): Promise<number> {
  const facts = await factsOf(io, app, stored)
  if (io.output === 'json') {
    await io.out(jsonLine({ ...appRecord(io, facts), ...(rechecked ? { rechecked } : {}) }))
    return exits.done
  }
  const paint = makePaint(io.color)
  await io.out(`${paint.good('✓')} ${stored.name} is ${done}`)
  for (const line of appLines(io, facts)) await io.out(line)
  for (const line of recheckedLines(rechecked)) await io.out(line)
  if (done === 'stored') io.note(`next   ${paint.strong(command(io, nextCommand(facts)))}`)
  return exits.done
}

function nextCommand({ name, stored }: AppFacts): string {
  return stored.env === 'simulator' ? `whs connect ${name} --tenant acme` : `whs setup ${name}`
}

async function factsOf(io: Io, app: App, stored: StoredApp): Promise<AppFacts> {
  return appFacts(app, stored, { listener: await doorNow(app), port: portOf(io.env.WHS_PORT) })
}

export async function appList(context: CommandContext): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const apps = await app.store().read('listApps')
    const width = Math.max(0, ...apps.map(({ name }) => name.length))
    for (const stored of apps) {
      const facts = await factsOf(io, app, stored)
      await io.out(io.output === 'json' ? jsonLine(appRecord(io, facts)) : appRow(io, facts, width))
    }
    if (apps.length === 0 && io.output === 'text') {
      await io.out(`No app is set up yet. ${command(io, 'whs providers')} lists what there is to set up.`)
    }
    return exits.done
  })
}

export async function appShow(context: CommandContext, _flags: object, name: string): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const facts = await factsOf(io, app, await app.findApp(name))
    if (io.output === 'json') await io.out(jsonLine(appRecord(io, facts)))
    else for (const line of appLines(io, facts)) await io.out(line)
    return exits.done
  })
}

export async function appRemove(context: CommandContext, flags: { confirm?: string }, name: string): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const stored = await app.findApp(name)
    const events = await app.store().read('countEvents', { filter: { app: [stored.name] } })
    const { tenants } = await factsOf(io, app, stored)
    await confirmByName(io, {
      name: stored.name,
      typed: flags.confirm,
      what: `remove the app ${stored.name} with ${countText(events, 'event')} and the consents of ${countText(tenants, 'tenant')} (they stay valid at the provider: whs tenants disconnect takes them back first)`,
      line: `whs app remove ${stored.name} --confirm ${stored.name}`,
    })
    const kept = await app.store().read('listActivations', { app: stored.name })
    const hooks = await endHooks(consentDeps(app), kept)
    const { deliveries } = await app.store().write('removeApp', { app: stored.name })
    const record = { type: 'removed', at: iso(io.now()), app: stored.name, deliveries, events, hooks }
    noteLeft(io, { owner: stored.name, app: stored.provider, left: hooks.left })
    noteHandMade(io, kept)
    await io.out(
      io.output === 'json'
        ? jsonLine(record)
        : `${makePaint(io.color).good('✓')} ${stored.name} is removed, with ${countText(deliveries, 'delivery', 'deliveries')}${hooks.removed > 0 ? `; ${countText(hooks.removed, 'hook is', 'hooks are')} removed at the provider` : ''}`,
    )
    return exits.done
  })
}
