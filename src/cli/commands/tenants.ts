import { accountValue } from '../../app/account-value.ts'
import type { App } from '../../app/app.ts'
import { claimAccount } from '../../app/claim-account.ts'
import { consentDeps } from '../../app/consent-deps.ts'
import { endHooksOf } from '../../app/hooks-by-api.ts'
import { knownTenant } from '../../app/known-tenant.ts'
import { type Disconnected, disconnectTenant } from '../../connect/disconnect.ts'
import { checkedTenantId } from '../../connect/tenant-id.ts'
import { exits } from '../../core/errors.ts'
import { shellWord } from '../../core/shell-word.ts'
import { countText, safeText } from '../../core/text.ts'
import { askYes } from '../ask.ts'
import { confirmByName } from '../confirm-by-name.ts'
import { type CommandContext, withApp } from '../context.ts'
import type { Io } from '../io.ts'
import { accountWord } from '../render/account-word.ts'
import { command } from '../render/command.ts'
import { noteHandMade, noteLeft } from '../render/left-hooks.ts'
import { makePaint } from '../render/paint.ts'
import { iso, jsonLine } from '../render/records.ts'
import { releasedText } from '../render/released-text.ts'
import { tenantLines, tenantRecords, tenantRows } from '../render/tenant-lines.ts'

export async function tenantsList(context: CommandContext): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const tenants = await app.store().read('listTenants')
    const isJson = io.output === 'json'
    const lines = isJson ? tenants.flatMap(tenant => tenantRecords(io, tenant)) : tenantRows(io, tenants)
    for (const line of lines) await io.out(line)
    if (tenants.length === 0 && io.output === 'text') {
      await io.out(`No tenant yet. ${command(io, 'whs connect <app> --tenant <id>')} lets one authorise.`)
    }
    return exits.done
  })
}

export async function tenantsShow(context: CommandContext, _flags: object, name: string): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const tenant = await knownTenant(app, name)
    for (const line of io.output === 'json' ? tenantRecords(io, tenant) : tenantLines(io, tenant)) await io.out(line)
    return exits.done
  })
}

export async function tenantsRename(
  context: CommandContext,
  _flags: object,
  name: string,
  to: string,
): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    await knownTenant(app, name)
    checkedTenantId(to, `whs tenants rename ${shellWord(name)} <new id>`)
    await app.store().write('renameTenant', { name, to })
    const record = { type: 'renamed', at: iso(io.now()), tenant: to, was: name }
    await say(io, record, `${name} is now ${makePaint(io.color).tenant(to)}, with all it had`)
    return exits.done
  })
}

async function say(io: Io, record: object, text: string): Promise<void> {
  await io.out(io.output === 'json' ? jsonLine(record) : `${makePaint(io.color).good('✓')} ${text}`)
}

interface MappingFlags {
  app: string
  account: string
}

export async function tenantsMap(
  context: CommandContext,
  flags: MappingFlags & { release: boolean; share?: boolean },
  tenant: string,
): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const claim = {
      app: flags.app,
      account: flags.account,
      tenant,
      release: flags.release,
      share: flags.share === true,
    }
    const { stored, kind, value, others, isNew, released } = await claimAccount(app, claim)
    const word = accountWord(stored.provider, kind)
    const record = { type: 'mapped', at: iso(io.now()), app: stored.name, kind, account: value, tenant, also: others }
    const oldest = released.oldestAt === null ? null : iso(released.oldestAt)
    const owner = `${makePaint(io.color).tenant(tenant)}${isNew ? ' (a new tenant)' : ''}`
    const and = others.length > 0 ? ` and ${others.join(', ')}` : ''
    const sent = { events: released.events, forwards: released.forwards, oldestAt: oldest }
    await say(io, { ...record, isNew, released: sent }, `${word} ${value} belongs to ${owner}${and} at ${stored.name}`)
    if (io.output === 'text' && released.events > 0) {
      await io.out(`  ${releasedText(io, released)}${released.forwards > 0 ? '; they go out in order' : ''}`)
    }
    return exits.done
  })
}

export async function tenantsUnmap(context: CommandContext, flags: MappingFlags, tenant: string): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const { connections } = await knownTenant(app, tenant)
    const stored = await app.findApp(flags.app)
    const { kind, value } = accountValue(app.definitionOf(stored.provider), flags.account)
    await app.store().write('unmapAccount', { app: stored.name, kind, value, tenant })
    const record = { type: 'unmapped', at: iso(io.now()), app: stored.name, kind, account: value, tenant }
    const word = accountWord(stored.provider, kind)
    await say(io, record, `${word} ${value} is not ${tenant}’s any more; its events are parked from now on`)
    if (connections.some(connection => connection.app === stored.name && connection.state !== 'revoked')) {
      const end = command(io, `whs tenants disconnect ${shellWord(tenant)} --app ${stored.name}`)
      io.note(`note   the consent of ${tenant} at ${stored.name} stays; to end it: ${end}`)
    }
    return exits.done
  })
}

export async function tenantsIgnore(context: CommandContext, flags: MappingFlags): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const stored = await app.findApp(flags.app)
    const all = flags.account === '*'
    const value = all ? '*' : accountValue(app.definitionOf(stored.provider), flags.account).value
    await app.store().write('ignoreAccount', { app: stored.name, value })
    const whose = all ? 'every account that is nobody’s' : `account ${value}, as long as it is nobody’s,`
    const record = { type: 'ignored', at: iso(io.now()), app: stored.name, account: value }
    await say(io, record, `events of ${whose} at ${stored.name} are counted from now on, and not kept`)
    return exits.done
  })
}

export async function tenantsDisconnect(
  context: CommandContext,
  flags: { app?: string },
  name: string,
): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const tenant = await knownTenant(app, name)
    const at = flags.app === undefined ? null : (await app.findApp(flags.app)).name
    const where = at === null ? '' : ` at ${at}`
    if (io.mayAsk && !(await askYes(io, `End the consents of ${tenant.name}${where}, at the provider too?`))) {
      io.note(`${tenant.name} stays connected`)
      return exits.done
    }
    await disconnect(io, app, tenant.name, at)
    return exits.done
  })
}

async function disconnect(io: Io, app: App, tenant: string, at: string | null): Promise<void> {
  const deps = { ...consentDeps(app), endHooks: (connection: string) => endHooksOf(app, connection) }
  for (const one of await disconnectTenant(deps, { tenant, app: at })) {
    const { id, app, accounts, atProvider, why, hooks } = one
    const shown = accounts.map(({ kind, value, name }) => ({ id: value, kind, name }))
    const record = { type: 'connection', at: iso(io.now()), id, app, tenants: [tenant], accounts: shown }
    const ended = { ...record, state: 'revoked', atProvider, ...(why === null ? {} : { why }), hooks }
    await say(io, ended, endedText(one, tenant))
    noteLeft(io, { owner: tenant, app, left: hooks.left })
    if (atProvider === 'failed') {
      io.note(`warning  the token of ${tenant} at ${app} stays valid at the provider: ${safeText(why ?? '')}`)
    }
  }
}

function endedText({ app, accounts, atProvider, why, hooks }: Disconnected, tenant: string): string {
  const names = accounts.map(({ name, value }) => safeText(name ?? value)).join(', ')
  const provider = {
    revoked: 'taken back at the provider too',
    kept: `not taken back at the provider: ${safeText(why ?? '')}`,
    failed: 'but not at the provider',
  }[atProvider]
  const removed = hooks.removed === 0 ? '' : `; ${countText(hooks.removed, 'hook is', 'hooks are')} removed there`
  return `${tenant} is disconnected from ${app}${names ? ` (${names})` : ''}, ${provider}${removed}`
}

export async function tenantsForget(
  context: CommandContext,
  flags: { confirm?: string },
  name: string,
): Promise<number> {
  return withApp(context, async app => {
    const { io } = context
    const { name: tenant, events, connections } = await knownTenant(app, name)
    await confirmByName(io, {
      name: tenant,
      typed: flags.confirm,
      what: `end the consents of ${tenant} and delete all of it, with ${countText(events, 'event')}`,
      line: `whs tenants forget ${shellWord(tenant)} --confirm ${shellWord(tenant)}`,
    })
    const hooks = await app.store().read('listActivations', { tenant })
    if (connections.some(({ state }) => state !== 'revoked')) await disconnect(io, app, tenant, null)
    noteHandMade(io, hooks)
    const gone = await app.store().write('forgetTenant', { name: tenant })
    const kept =
      gone.shared === 0
        ? ''
        : `; ${countText(gone.shared, 'delivery stays', 'deliveries stay')}, since others have a part in it`
    const record = { type: 'forgotten', at: iso(io.now()), tenant, ...gone }
    await say(
      io,
      record,
      `${tenant} is forgotten: ${countText(gone.events, 'event')}, ${countText(gone.deliveries, 'delivery', 'deliveries')}${kept}`,
    )
    return exits.done
  })
}
