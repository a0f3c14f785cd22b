import { callbackNow } from '../../app/activations.ts'
import { setApp } from '../../app/add-app.ts'
import type { App } from '../../app/app.ts'
import { hasSecret } from '../../app/app-facts.ts'
import { apiScope, isReached } from '../../app/hooks-wanted.ts'
import type { SetupStep, SetupStepName } from '../../app/setup-step.ts'
import { keySecrets } from '../../app/setup-steps.ts'
import { type Setup, setupNow } from '../../app/setup-text.ts'
import { isTenantId } from '../../core/account.ts'
import type { Environment } from '../../core/definition.ts'
import { exits } from '../../core/errors.ts'
import { askEnter, askSecret, askText } from '../ask.ts'
import { type CommandContext, withApp } from '../context.ts'
import type { Io } from '../io.ts'
import { portOf } from '../port.ts'
import { projectFile } from '../project-file.ts'
import { takeProjectProvider } from '../project-provider.ts'
import { command } from '../render/command.ts'
import { makePaint } from '../render/paint.ts'
import { jsonLine } from '../render/records.ts'
import { setupLines, stepLines, stepRecords } from '../render/setup-lines.ts'
import { noteOddity } from '../secret-input.ts'
import { waitForDelivery } from '../setup-delivery.ts'
import { openSetupDoor, type SetupDoor } from '../setup-door.ts'
import { expectBroughtSecret, lacksBrought, takeLaterSecrets } from '../setup-secrets.ts'
import { activateCommand } from './activate.ts'
import { activationsAdd } from './activations.ts'
import { addByAsking, askSetting } from './app.ts'
import { connectCommand } from './connect.ts'

export interface SetupFlags {
  print?: boolean
  env?: Environment
  output?: string
  tunnel?: string
  domain?: string
}

export async function setup(context: CommandContext, flags: SetupFlags, name: string): Promise<number> {
  const { io } = context
  return withApp(context, async app => {
    await takeProjectProvider(io, app, name)
    if (flags.print || !io.mayAsk || !io.isTty.out || io.output === 'json') return print(io, app, flags, name)
    return walk(context, app, flags, name)
  })
}

/** The text alone, in a pipe too; records where JSON was asked for by name. */
async function print(io: Io, app: App, flags: SetupFlags, name: string): Promise<number> {
  const now = await setupNow(app, wishOf(io, flags, name))
  const wantsJson = (flags.output ?? io.env.WHS_OUTPUT) === 'json'
  const lines = wantsJson ? stepRecords(io, now).map(jsonLine) : setupLines(io, now)
  for (const line of lines) await io.out(line)
  return exits.done
}

function wishOf(io: Io, { env }: SetupFlags, name: string): Parameters<typeof setupNow>[1] {
  return { name, port: portOf(io.env.WHS_PORT), ...(env ? { env } : {}) }
}

/** A set-up on its way: what is known is read anew before each step, so that nothing that is done is asked for. */
interface Walk {
  context: CommandContext
  app: App
  flags: SetupFlags
  name: string
  /** The secret that the first request brings was not there when this began. */
  lacksBrought: boolean
}

async function walk(context: CommandContext, app: App, flags: SetupFlags, name: string): Promise<number> {
  const { io } = context
  const start = await setupNow(app, wishOf(io, flags, name))
  const way: Walk = { context, app, flags, name, lacksBrought: lacksBrought(start) }
  await io.out(makePaint(io.color).strong(`${start.definition.name}, ${start.env}, as the app ${start.name}`))
  await takeKeys(way, start)
  // From here on the app is there, and named as it is stored.
  way.name = start.name
  way.flags = {}
  const tunnel = flags.tunnel ?? projectFile(io.cwd).tunnel
  const { domain } = flags
  const wish = { ...(tunnel ? { tunnel } : {}), ...(domain ? { domain } : {}), line: `whs setup ${start.name}` }
  const door = await openSetupDoor(io, app, wish)
  try {
    await noteUnreached(io, app, start.name, door.session ? wish.line : 'whs listen')
    return await walkPortal(way, door)
  } finally {
    await door.session?.stop('the set-up is over')
  }
}

/** A URL that leads to this machine alone is worth nothing to a provider. */
async function noteUnreached(io: Io, app: App, name: string, line: string): Promise<void> {
  const stored = await app.findApp(name)
  const callback = await callbackNow(app, stored)
  if (callback === null || isReached(stored, callback)) return
  const { company } = app.definitionOf(stored.provider)
  const said = command(io, `${line} --tunnel https://…`)
  io.note(`warning  ${company} cannot reach ${callback}: open a tunnel, or say where you have one: ${said}`)
}

async function takeKeys(way: Walk, { name, env, definition, facts, steps }: Setup): Promise<void> {
  const { context, app } = way
  const { io } = context
  await show(io, steps, 'keys')
  if (steps.find(step => step.name === 'keys')?.done) return
  if (!facts) {
    await addByAsking(io, app, { app: name, env }, definition.id)
    return
  }
  const clientId = facts.clientId ?? (await askText(io, { message: definition.portal.clientId.label })).trim()
  const settings: string[] = []
  for (const [setting, { optional }] of Object.entries(definition.settings ?? {})) {
    if (facts.settings[setting] !== undefined || optional) continue
    settings.push(`${setting}=${await askSetting(io, definition, setting, false)}`)
  }
  const secrets: Record<string, string> = {}
  for (const secret of keySecrets(definition)) {
    if (hasSecret(facts, secret)) continue
    const label = definition.secrets[secret]?.label ?? secret
    secrets[secret] = await askSecret(io, label)
    noteOddity(io, `the ${label}`, secrets[secret])
  }
  await setApp(app, facts.stored, { clientId, secrets, hosts: [], settings, keepOldMs: 0 })
}

async function show(io: Io, steps: SetupStep[], name: SetupStepName): Promise<void> {
  const index = steps.findIndex(step => step.name === name)
  // The walk does what the command of a step would do.
  for (const line of stepLines(io, { ...(steps[index] as SetupStep), command: null }, index + 1)) await io.out(line)
}

/** Goes through the steps in their order. Each says what is to be done and waits until it is. */
async function walkPortal(way: Walk, door: SetupDoor): Promise<number> {
  const { io } = way.context
  const { steps } = await now(way)
  for (const name of new Set(steps.map(step => step.name))) {
    const code = await takeStep(way, name, door)
    if (code !== exits.done) return code
  }
  const paint = makePaint(io.color)
  await io.out(
    `\nEverything is done. Events to your handler:  ${paint.strong(command(io, 'whs listen --forward 3000'))}`,
  )
  await io.out(`the one that came:  ${paint.strong(command(io, 'whs replay last --to 3000'))}`)
  return exits.done
}

async function takeStep(way: Walk, name: SetupStepName, door: SetupDoor): Promise<number> {
  const { io } = way.context
  if (name === 'keys') return exits.done
  if (name === 'secret') return takeLaterSecrets(io, way.app, { now: () => now(way), isBroughtNow: way.lacksBrought })
  if (name === 'consent') return takeConsent(way)
  const { steps, name: app } = await now(way)
  const isDone = steps.find(step => step.name === name)?.done
  if (await isByApi(way.app, app, name)) return takeApiHooks(way, steps, name)
  if (name === 'hooks' && !isDone && !(await hasHook(way.app, app))) return takeHook(way, steps)
  if (name === 'callback') await expectBroughtSecret(way.app, await now(way))
  await show(io, steps, name)
  if (isDone) return exits.done
  if (name === 'delivery') return (await waitForDelivery(io, way.app, app, door.session)) ? exits.done : io.stop.exit
  const { handshakes = [] } = (await now(way)).definition.webhook
  // What tests a URL with wrong signatures too is asked for by the person; the rest comes when the URL is saved.
  const isProbe = (kind: string): boolean => handshakes.some(one => one.kind === kind && one.probes === true)
  await door.untilSaved(kind => name === 'callback' || (name === 'events' && isProbe(kind)))
  return exits.done
}

function now({ context, app, flags, name }: Walk): Promise<Setup> {
  return setupNow(app, wishOf(context.io, flags, name))
}

/** Whether a step is done by a call: the one hook of an app, or those of its tenants. */
async function isByApi(app: App, name: string, step: SetupStepName): Promise<boolean> {
  const scope = apiScope(app.definitionOf((await app.findApp(name)).provider))
  return (step === 'callback' && scope === 'app') || (step === 'hooks' && scope !== null)
}

async function takeApiHooks({ context, name }: Walk, steps: SetupStep[], step: SetupStepName): Promise<number> {
  await show(context.io, steps, step)
  if (steps.find(one => one.name === step)?.done) return exits.done
  return activateCommand(context, {}, name)
}

/** Whether a hook of a tenant is kept already, so that none is added each time that somebody walks through. */
async function hasHook(app: App, name: string): Promise<boolean> {
  const all = await app.store().read('listActivations', { app: name })
  return all.some(({ state, tenant }) => state !== 'gone' && tenant !== null)
}

/** The first hook; the others are made in the same way. */
async function takeHook({ context, app, name }: Walk, steps: SetupStep[]): Promise<number> {
  const { io } = context
  const index = steps.findIndex(step => step.name === 'hooks')
  const { title } = steps[index] as SetupStep
  await io.out(`\n${index + 1}  ${makePaint(io.color).strong(title)}`)
  const tenants = (await app.store().read('listTenants')).filter(one => one.accounts.some(({ app }) => app === name))
  const check = (text: string): true | string => isTenantId(text.trim()) || 'letters, digits and . _ : @ -'
  const preset = tenants.length === 1 && tenants[0] ? { default: tenants[0].name } : {}
  const tenant = (await askText(io, { message: 'For which tenant?', check, ...preset })).trim()
  await activationsAdd(context, { tenant }, name)
  await askEnter(io, 'Enter when it is saved there')
  return exits.done
}

async function takeConsent(way: Walk): Promise<number> {
  const { context } = way
  const { io } = context
  const { steps, name } = await now(way)
  await show(io, steps, 'consent')
  if (steps.find(step => step.name === 'consent')?.done) return exits.done
  const check = (text: string): true | string =>
    text.trim() === '' || isTenantId(text.trim()) || 'letters, digits and . _ : @ -'
  const tenant = (await askText(io, { message: 'Whose is it, in your own word (empty: from its name)?', check })).trim()
  return connectCommand(
    context,
    { open: true, activate: true, timeout: '10m', ...(tenant ? { tenant: [tenant] } : {}) },
    name,
  )
}
