import { checkHook } from '../../app/activation-wish.ts'
import { addActivation, callbackNow, type MadeActivation } from '../../app/activations.ts'
import type { App } from '../../app/app.ts'
import { confirmActivation } from '../../app/confirm-activation.ts'
import { findActivation } from '../../app/find-activation.ts'
import { nearTenants } from '../../app/known-tenant.ts'
import { checkedTenantId } from '../../connect/tenant-id.ts'
import { exits, WhsError } from '../../core/errors.ts'
import { broughtSecret, chosenSecret, hookSecret } from '../../core/hook-secret.ts'
import { signingSecrets } from '../../core/scheme-text.ts'
import { secretFlag } from '../../core/secret-flag.ts'
import { shellWord } from '../../core/shell-word.ts'
import { countText } from '../../core/text.ts'
import type { App as StoredApp } from '../../store/app-ops.ts'
import { askSecret, askText, askYes } from '../ask.ts'
import { awaitBroughtSecret } from '../brought-secret.ts'
import { type CommandContext, withApp } from '../context.ts'
import type { Io } from '../io.ts'
import { noteBeyond } from '../print-outcome.ts'
import { activationLines, activationRecord, madeLines, todoOf } from '../render/activation-lines.ts'
import { command } from '../render/command.ts'
import { makePaint } from '../render/paint.ts'
import { recheckedLines } from '../render/rechecked-lines.ts'
import { jsonLine } from '../render/records.ts'
import { noteOddity, readSecret } from '../secret-input.ts'

export async function activationsList(
  context: CommandContext,
  flags: { app?: string; tenant?: string },
): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const only = flags.app === undefined ? null : (await app.findApp(flags.app)).name
    const all = await app.store().read('listActivations', {
      ...(only === null ? {} : { app: only }),
      ...(flags.tenant === undefined ? {} : { tenant: flags.tenant }),
    })
    const apps = new Map((await app.store().read('listApps')).map(stored => [stored.name, stored]))
    const shown: Parameters<typeof activationLines>[1] = []
    for (const activation of all) {
      const stored = apps.get(activation.app)
      const callback = stored ? await callbackNow(app, stored) : null
      shown.push({ activation, callback })
      const todo = todoOf(io, activation, callback)
      if (io.output === 'json') await io.out(jsonLine(activationRecord(io, activation, { callback, todo })))
    }
    if (io.output === 'text') for (const line of activationLines(io, shown)) await io.out(line)
    if (all.length === 0 && io.output === 'text') {
      await io.out(
        `No hook was made for one tenant or resource. ${command(io, 'whs setup <app>')} says what an app needs.`,
      )
    }
    return exits.done
  })
}

export interface AddFlags {
  tenant?: string
  id?: string
  resource?: string
  secret?: string
  newTenant?: boolean
}

export async function activationsAdd(context: CommandContext, flags: AddFlags, name: string): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const stored = await app.findApp(name)
    const definition = app.definitionOf(stored.provider)
    const next = `whs activations add ${stored.name} --tenant acme`
    const tenant = flags.tenant === undefined ? null : checkedTenantId(flags.tenant, next)
    const resource = flags.resource ?? null
    const line = addLine(stored, flags)
    const typed = await secretOf(io, app, stored, flags.secret, line)
    checkHook(definition, { app: stored, tenant, resource })
    const isNewTenant = flags.newTenant === true || (tenant !== null && (await isMeantAsNew(io, app, tenant)))
    const secret = typed ?? (await secretToChoose(io, app, stored, line))
    const wish = { tenant, providerId: flags.id ?? null, resource, secret, isNewTenant }
    const made = await addActivation(app, { app: stored, ...wish })
    if (made.beside.length > 0) {
      const others = `${countText(made.beside.length, 'hook')} at ${stored.name} already (${made.beside.join(', ')})`
      io.note(`note   ${tenant ?? stored.name} has ${others}; this is one more`)
    }
    await noteBeyond(io, app, stored)
    if (io.output === 'json') {
      const callback = await callbackNow(app, stored)
      const { activation, callback: shown, released } = made
      const steps = made.steps.map(step => command(io, step))
      const todo = todoOf(io, activation, callback)
      const record = activationRecord(io, activation, { callback, shown, todo })
      const rechecked = made.rechecked ? { rechecked: made.rechecked } : {}
      const rest = { isNewTenant: made.isNewTenant, steps, released: { events: released.events }, ...rechecked }
      await io.out(jsonLine({ ...record, ...rest }))
      return exits.done
    }
    for (const line of madeLines(io, definition, made)) await io.out(line)
    if (made.activation.state === 'pending') await goOn(io, app, stored, made)
    return io.stop.exit
  })
}

/** The command once more, with its secret from stdin. */
function addLine({ name }: StoredApp, { tenant, id, resource, newTenant }: AddFlags): string {
  const flags = [
    ...Object.entries({ tenant, id, resource }).flatMap(([flag, value]) =>
      value === undefined ? [] : [`--${flag} ${shellWord(value)}`],
    ),
    ...(newTenant ? ['--new-tenant'] : []),
  ]
  return ['whs activations add', name, ...flags, '--secret -'].join(' ')
}

/** Asks whether a tenant that is not there is a new one; false where nobody can be asked. */
async function isMeantAsNew(io: Io, app: App, tenant: string): Promise<boolean> {
  if (!io.mayAsk || (await app.store().read('findTenant', { name: tenant })) !== null) return false
  const near = await nearTenants(app, tenant)
  const meant = near.length > 0 ? ` (did you mean ${near.join(' or ')}?)` : ''
  return askYes(io, `There is no tenant ${tenant}${meant}. Is it a new one?`)
}

/**
 * The secret of a hook that whoever makes it chooses: asked for, since without it nothing would verify.
 * @throws WhsError `hook-needs-secret` (exit 2) where nobody can be asked
 */
async function secretToChoose(io: Io, app: App, stored: StoredApp, line: string): Promise<string | null> {
  const definition = app.definitionOf(stored.provider)
  const chosen = chosenSecret(definition)
  if (chosen === null || stored.env === 'simulator') return null
  const { name } = chosen
  const isOptional = chosen.optional || (await app.secretsOf(stored, name)).length > 0
  const label = definition.secrets[name]?.label ?? name
  if (io.mayAsk) {
    const how = `choose it yourself, long and random, and give ${definition.company} the same`
    const secret = await askSecret(io, `${label} (${how}${isOptional ? '; empty: none' : ''})`, isOptional)
    noteOddity(io, `the ${label}`, secret)
    return secret === '' ? null : secret
  }
  if (isOptional) return null
  throw new WhsError({
    code: 'hook-needs-secret',
    exit: exits.usage,
    what: `the ${label} of the hook is missing`,
    why: `you choose it, long and random: whs checks its deliveries with it, and ${definition.company} is given the same`,
    next: `printf %s "$SECRET" | ${line}`,
  })
}

/** What comes next for a hook that waits: its id and secret, asked for here, or the request that brings it. */
async function goOn(io: Io, app: App, stored: StoredApp, { activation }: MadeActivation): Promise<void> {
  const definition = app.definitionOf(stored.provider)
  const pasted = broughtSecret(definition)
  if (pasted !== null && io.mayAsk && io.isTty.out) {
    await awaitBroughtSecret(io, app, stored, pasted)
    return
  }
  const name = hookSecret(definition)
  const given = definition.activation.secret
  if (!io.mayAsk || name === null || given === undefined || activation.secrets.length > 0) {
    io.note(`note   ${todoOf(io, activation, null)}`)
    return
  }
  const label = definition.secrets[name]?.label ?? name
  const { kind } = definition.activation
  const word = definition.accounts.find(one => one.kind === kind)?.word
  const id =
    word && activation.providerId === null
      ? await askText(io, { message: `${word} (empty: later)`, mayBeEmpty: true })
      : ''
  const secret = await askSecret(io, `${label} (empty: later)`, true)
  if (id.trim() === '' && secret === '') {
    io.note(`note   ${todoOf(io, activation, null)}`)
    return
  }
  const known = { providerId: id.trim() || null, secret: secret || null }
  const { rechecked } = await confirmActivation(app, activation, known)
  await io.out(`${makePaint(io.color).good('✓')} ${activation.id} has it`)
  for (const line of recheckedLines(rechecked)) await io.out(line)
}

async function secretOf(
  io: Io,
  app: App,
  stored: StoredApp,
  typed: string | undefined,
  line: string,
): Promise<string | null> {
  if (typed === undefined) return null
  const definition = app.definitionOf(stored.provider)
  const name = hookSecret(definition)
  if (name !== null) return readSecret(io, typed, definition.secrets[name]?.label ?? name, line)
  throw new WhsError({
    code: 'no-hook-secret',
    exit: exits.usage,
    what: `a hook of ${definition.name} has no secret of its own`,
    why: 'the app’s own verifies its deliveries',
    next: `whs app set ${stored.name} ${secretFlag(signingSecrets(definition, 'app')[0] ?? 'client')}`,
  })
}

export async function activationsConfirm(
  context: CommandContext,
  flags: { id?: string; secret?: string },
  text: string,
): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const activation = await findActivation(app, text)
    const stored = await app.findApp(activation.app)
    if (flags.id === undefined && flags.secret === undefined) throw nothingToConfirm(activation.id)
    const secret = await secretOf(io, app, stored, flags.secret, `whs activations confirm ${activation.id} --secret -`)
    const { activation: now, rechecked } = await confirmActivation(app, activation, {
      providerId: flags.id ?? null,
      secret,
    })
    const callback = await callbackNow(app, stored)
    const todo = todoOf(io, now, callback)
    if (io.output === 'json') {
      await io.out(jsonLine({ ...activationRecord(io, now, { callback, todo }), ...(rechecked ? { rechecked } : {}) }))
      return exits.done
    }
    for (const line of activationLines(io, [{ activation: now, callback }])) await io.out(line)
    for (const line of recheckedLines(rechecked)) await io.out(line)
    return exits.done
  })
}

function nothingToConfirm(id: string): WhsError {
  const what = 'nothing was said of the hook'
  const why = 'it takes the provider’s id, the secret, or both'
  return new WhsError({ code: 'usage', exit: exits.usage, what, why, next: `whs activations confirm ${id} --secret -` })
}
