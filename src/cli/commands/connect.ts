import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { App } from '../../app/app.ts'
import { connect } from '../../app/connect.ts'
import { consentDeps } from '../../app/consent-deps.ts'
import { makeLink } from '../../app/links.ts'
import { tunnelOptions } from '../../app/public-url.ts'
import type { ConsentDeps, TenantQuestion } from '../../connect/consent.ts'
import { departAtTerminal, finishPasted } from '../../connect/finish-pasted.ts'
import { isTenantId } from '../../core/account.ts'
import { exits, WhsError } from '../../core/errors.ts'
import { parseDuration } from '../../core/filter.ts'
import { durationText, safeText } from '../../core/text.ts'
import type { App as StoredApp } from '../../store/app-ops.ts'
import type { ConnectionResult, ConsentWish } from '../../store/consent-ops.ts'
import { askText } from '../ask.ts'
import { type CommandContext, withApp } from '../context.ts'
import type { Io } from '../io.ts'
import { openBrowser } from '../open-browser.ts'
import { portOf } from '../port.ts'
import { accountWord } from '../render/account-word.ts'
import { command } from '../render/command.ts'
import { renderError } from '../render/error.ts'
import { makePaint } from '../render/paint.ts'
import { jsonLine, outcomeRecord } from '../render/records.ts'
import { type Spinner, startSpinner } from '../spinner.ts'

export interface ConnectFlags {
  env?: string
  tenant?: string[]
  account?: string[]
  scopes?: string
  share?: boolean
  move?: boolean
  open: boolean
  tunnel?: string
  domain?: string
  port?: string
  timeout: string
  link?: boolean
  expires?: string
}

export async function connectCommand(context: CommandContext, flags: ConnectFlags, name: string): Promise<number> {
  const { io } = context
  return withApp(context, async app => {
    const stored = await app.findApp(name, flags.env)
    if (flags.link) return printNewLink(io, app, stored, flags)
    const ended = new AbortController()
    const deps = consentDeps(app, io.mayAsk && flags.open ? { askTenant: question => askTenant(question, io) } : {})
    let spinner: Spinner | undefined
    const onLink = async ({ link, url }: { link: string; url: string }): Promise<void> => {
      if (flags.open && (await openBrowser(url))) {
        io.note(`opened in your browser: ${url}`)
        spinner = await startSpinner(io, 'waiting for the consent')
        return
      }
      await printLink(io, deps, link, url)
      takePaste(io, deps, link, ended.signal)
    }
    try {
      const outcome = await connect(app, deps, {
        app: stored,
        wish: wishOf(flags),
        scopes: scopesOf(flags),
        timeoutMs: parseDuration(flags.timeout, '--timeout'),
        port: portOf(flags.port ?? io.env.WHS_PORT),
        tunnel: () => tunnelOptions(app, flags, path => readFile(path, 'utf8')),
        signal: io.stop.signal,
        onLink,
      })
      spinner?.stop()
      if (outcome.ok && io.output === 'json') {
        const ended = { app: stored.name, wish: { ...wishOf(flags), asks: false }, outcome }
        await io.out(jsonLine(outcomeRecord(ended, new Date(io.now()).toISOString())))
        return exits.done
      }
      if (outcome.ok) return await printConnection(io, app, outcome.connection)
      if (io.stop.exit !== 0) return io.stop.exit
      const { code, what, why, next, exit } = outcome.failure
      throw new WhsError({ code, what, exit, ...(why ? { why } : {}), ...(next ? { next } : {}) })
    } finally {
      spinner?.stop()
      ended.abort()
    }
  })
}

/** A link for somebody else: shown once, here and nowhere else. @throws WhsError `link-needs-tenant` (exit 2) */
async function printNewLink(io: Io, app: App, stored: StoredApp, flags: ConnectFlags): Promise<number> {
  const wish = wishOf(flags)
  if (wish.tenants.length === 0) {
    const why = 'nobody is at the terminal when it is used'
    const next = `whs connect ${stored.name} --link --tenant acme`
    throw new WhsError({ code: 'link-needs-tenant', exit: exits.usage, what: 'a link needs --tenant', why, next })
  }
  const lifeMs = parseDuration(flags.expires ?? '24h', '--expires')
  const { id, url, expiresAt } = await makeLink(app, consentDeps(app), {
    app: stored,
    wish,
    scopes: scopesOf(flags),
    lifeMs,
  })
  const at = new Date(io.now()).toISOString()
  if (io.output === 'json')
    await io.out(jsonLine({ type: 'link', at, id, url, expiresAt: new Date(expiresAt).toISOString() }))
  else {
    await io.out(url)
    io.note(
      `works once, for ${durationText(lifeMs)}, while a listener runs; ${command(io, `whs links revoke ${id}`)} ends it`,
    )
  }
  return 0
}

function scopesOf({ scopes }: ConnectFlags): string[] | null {
  return scopes ? scopes.split(',').map(scope => scope.trim()) : null
}

/** @throws WhsError `bad-tenant`, `share-and-move` */
function wishOf(flags: ConnectFlags): Omit<ConsentWish, 'asks'> {
  if (flags.share && flags.move) {
    const why = '--share leaves the account where it is as well, --move takes it away'
    throw new WhsError({
      code: 'share-and-move',
      exit: exits.usage,
      what: '--share and --move exclude each other',
      why,
      next: 'whs connect --help',
    })
  }
  const tenants = (flags.tenant ?? []).map(text => {
    const [tenant = '', account] = text.split('=', 2)
    if (isTenantId(tenant)) return { tenant, account: account ?? null }
    const why = 'a tenant id begins with a letter or digit and has at most 64 of A-Z a-z 0-9 . _ : @ -'
    throw new WhsError({
      code: 'bad-tenant',
      exit: exits.usage,
      what: `"${safeText(tenant)}" is no tenant id`,
      why,
      next: 'whs connect … --tenant acme',
    })
  })
  const claim = flags.share ? 'share' : flags.move ? 'move' : null
  return { tenants, accounts: flags.account ?? [], claim, release: true }
}

async function askTenant({ account, taken }: TenantQuestion, io: Io): Promise<string> {
  const who = safeText(account.name ?? account.value)
  return askText(io, {
    message: `${who} would be the tenant ${taken}, which is another account's. Which tenant is it?`,
    default: `${taken}-2`,
    check: text => isTenantId(text) || 'letters, digits, . _ : @ -',
  }).catch((cause: unknown) => {
    const what = 'the question whose the account is was not answered'
    throw new WhsError({ code: 'consent-cancelled', exit: exits.interrupted, what, why: 'interrupted', cause })
  })
}

async function printLink(io: Io, deps: ConsentDeps, link: string, url: string): Promise<void> {
  // Going off makes a new state, so it comes before anybody can press Continue.
  const direct = url.startsWith('http:') ? await departAtTerminal(deps, link) : null
  io.note(`Open this in a browser on this machine:\n\n  ${url}\n`)
  if (direct)
    io.note(
      `Or on any machine:\n\n  ${direct}\n\nand paste the address at which that browser ends (it need not load) here:`,
    )
}

/** Takes lines from the terminal as the address to which the provider sent the browser, until one fits. */
function takePaste(io: Io, deps: ConsentDeps, link: string, signal: AbortSignal): void {
  const lines = createInterface({ input: io.stdin })
  signal.addEventListener('abort', () => lines.close(), { once: true })
  lines.on('line', line => {
    if (!line.trim()) return
    finishPasted(deps, link, line).catch((error: unknown) => renderError(io, error))
  })
}

async function printConnection(io: Io, app: App, connection: ConnectionResult): Promise<number> {
  const { app: name, tenants, accounts, released, mended } = connection
  const paint = makePaint(io.color)
  const stored = await app.findApp(name)
  const words = accounts.map(
    account => `${safeText(account.name ?? '')}, ${accountWord(stored.provider, account.kind)} ${safeText(account.id)}`,
  )
  await io.out(
    `${paint.good('✓')} ${paint.tenant(tenants.join(', '))} is ${mended ? 'connected again' : 'connected'}: ${words.join('; ')}`,
  )
  if (released.events > 0) {
    const age = released.oldestAt === null ? '' : `, the oldest ${durationText(io.now() - released.oldestAt)} old`
    await io.out(`  ${released.events} parked event${released.events === 1 ? ' was' : 's were'} released${age}`)
  }
  return 0
}
