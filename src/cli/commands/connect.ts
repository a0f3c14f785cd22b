import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { App } from '../../app/app.ts'
import { connect } from '../../app/connect.ts'
import { consentDeps } from '../../app/consent-deps.ts'
import { makeLink } from '../../app/links.ts'
import { tunnelOptions } from '../../app/public-url.ts'
import type { ConsentDeps } from '../../connect/consent.ts'
import { departAtTerminal, finishPasted } from '../../connect/finish-pasted.ts'
import { checkedTenantId } from '../../connect/tenant-id.ts'
import type { Environment } from '../../core/definition.ts'
import { exits, WhsError } from '../../core/errors.ts'
import { parseDuration } from '../../core/filter.ts'
import { durationText, safeText } from '../../core/text.ts'
import type { App as StoredApp } from '../../store/app-ops.ts'
import type { ConsentWish } from '../../store/consent-ops.ts'
import { comesByKey, connectWithKey } from '../connect-key.ts'
import { hooksOfConsent, printConnections } from '../connected.ts'
import { consentQuestions } from '../consent-questions.ts'
import { type CommandContext, withApp } from '../context.ts'
import type { Io } from '../io.ts'
import { openBrowser } from '../open-browser.ts'
import { portOf } from '../port.ts'
import { takeProjectProvider } from '../project-provider.ts'
import { command } from '../render/command.ts'
import { renderError } from '../render/error.ts'
import { iso, jsonLine, outcomeRecords } from '../render/records.ts'
import { wrap } from '../render/wrap.ts'
import { scopesOf } from '../scopes-flag.ts'
import { type Spinner, startSpinner } from '../spinner.ts'
import { addByAsking } from './app.ts'

export interface ConnectFlags {
  env?: Environment
  tenant?: string[]
  account?: string[]
  each?: boolean
  set?: string[]
  scopes?: string
  key?: string
  share?: boolean
  move?: boolean
  activate: boolean
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
    if (flags.expires !== undefined && !flags.link) throw idleExpires(name)
    const stored = await appToConnect(io, app, flags, name)
    if (comesByKey(app, stored, flags)) return connectWithKey(io, app, stored, { wish: wishOf(flags), flags })
    if (flags.link) return printNewLink(io, app, stored, flags)
    const pasteOver = new AbortController()
    const questions = consentQuestions(io, flags.open, () => pasteOver.abort())
    const onOdd = (what: string): void => aside(`warning  ${safeText(what)}. This still waits`)
    const deps = consentDeps(app, { ...questions, onOdd })
    let spinner: Spinner | undefined
    const aside = (text: string): void => {
      spinner?.stop()
      spinner = undefined
      io.note(io.isTty.err ? wrap(text, io.columns, 2) : text)
    }
    const onLink = async ({ link, url }: { link: string; url: string }): Promise<void> => {
      if (flags.open && (await openBrowser(url))) {
        io.note(`opened in your browser: ${url}`)
        spinner = await startSpinner(io, 'waiting for the consent')
        return
      }
      await printLink(io, deps, link, url)
      takePaste(io, deps, link, pasteOver.signal)
    }
    try {
      const outcome = await connect(app, deps, {
        app: stored,
        wish: wishOf(flags),
        scopes: scopesOf(app, stored, flags.scopes),
        timeoutMs: parseDuration(flags.timeout, '--timeout'),
        port: portOf(flags.port ?? io.env.WHS_PORT),
        tunnel: () => tunnelOptions(app, flags, path => readFile(path, 'utf8')),
        signal: io.stop.signal,
        onLink,
        onGone: company =>
          aside(
            `the browser is at ${company} now; if that shows an error, open the link again or end this with Ctrl-C`,
          ),
      })
      spinner?.stop()
      if (outcome.ok && io.output === 'json') {
        const ended = { app: stored.name, wish: { ...wishOf(flags), asks: false }, outcome }
        for (const record of outcomeRecords(ended, iso(io.now()))) await io.out(jsonLine(record))
      } else if (outcome.ok) await printConnections(io, stored, outcome.connections)
      if (outcome.ok) {
        const { connections } = outcome
        return await hooksOfConsent(io, app, stored, { connections, activates: flags.activate })
      }
      if (io.stop.exit !== 0) return io.stop.exit
      const { code, what, why, next, exit } = outcome.failure
      throw new WhsError({ code, what, exit, ...(why ? { why } : {}), ...(next ? { next } : {}) })
    } finally {
      spinner?.stop()
      pasteOver.abort()
    }
  })
}

function idleExpires(name: string): WhsError {
  return new WhsError({
    code: 'expires-without-link',
    exit: exits.usage,
    what: '--expires has no effect here',
    why: 'it is for a link; how long this command waits is --timeout',
    next: `whs connect ${name} --timeout 30m   (or --link --expires 24h)`,
  })
}

/** The app of that name; where there is none yet, and a person is here, it is made first. */
async function appToConnect(io: Io, app: App, { env }: ConnectFlags, name: string): Promise<StoredApp> {
  await takeProjectProvider(io, app, name)
  try {
    return await app.findApp(name, env)
  } catch (error) {
    if (!(error instanceof WhsError) || error.code !== 'no-app' || !io.mayAsk) throw error
    io.note(`${name} is not set up yet, so first its keys:`)
    return addByAsking(io, app, env === undefined ? {} : { env }, name)
  }
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
  const { id, url, expiresAt } = await makeLink(app, consentDeps(app, consentQuestions(io, false)), {
    app: stored,
    wish: { ...wish, activates: flags.activate },
    scopes: scopesOf(app, stored, flags.scopes),
    lifeMs,
  })
  if (io.output === 'json')
    await io.out(jsonLine({ type: 'link', at: iso(io.now()), id, url, expiresAt: iso(expiresAt) }))
  else {
    await io.out(url)
    io.note(
      `works once, for ${durationText(lifeMs)}, while a listener runs; ${command(io, `whs links revoke ${id}`)} ends it`,
    )
  }
  return 0
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
  const claim = flags.share ? 'share' : flags.move ? 'move' : null
  const tenants = (flags.tenant ?? []).map(wishedTenant)
  const slots = pairsOf((flags.set ?? []).map(asked))
  return { tenants, accounts: flags.account ?? [], claim, release: true, each: flags.each === true, slots }
}

/** `acme`, `acme=<account>`, or `acme=*` for all of them. @throws WhsError `bad-tenant` (exit 2) */
function wishedTenant(text: string): { tenant: string; account: string | null } {
  const [tenant, account] = splitAt(text)
  return { tenant: checkedTenantId(tenant, 'whs connect … --tenant acme'), account }
}

/** @throws WhsError `bad-set` (exit 2) */
function asked(text: string): [name: string, value: string] {
  const [name, value] = splitAt(text)
  if (name !== '' && value) return [name, value]
  const what = `"${safeText(text)}" sets nothing`
  const why = '--set takes a name and a value'
  throw new WhsError({ code: 'bad-set', exit: exits.usage, what, why, next: 'whs connect … --set <name>=<value>' })
}

/** @throws WhsError `set-twice` (exit 2) */
function pairsOf(pairs: [name: string, value: string][]): Record<string, string> {
  const slots = Object.fromEntries(pairs)
  const twice = pairs.find(([name, value]) => slots[name] !== value)?.[0]
  if (twice === undefined) return slots
  const what = `${safeText(twice)} is set twice`
  const why = 'only one of the values can be meant'
  throw new WhsError({ code: 'set-twice', exit: exits.usage, what, why, next: `whs connect … --set ${twice}=<value>` })
}

function splitAt(text: string): [name: string, value: string | null] {
  const at = text.indexOf('=')
  return at < 0 ? [text.trim(), null] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
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
