import { createInterface } from 'node:readline'
import type { App } from '../../app/app.ts'
import { type Demo, openDemo } from '../../app/demo.ts'
import { consentAsPerson } from '../../app/demo-person.ts'
import { resetDemo } from '../../app/demo-reset.ts'
import { explainEvent } from '../../app/explain.ts'
import { WhsError } from '../../core/errors.ts'
import type { Filter } from '../../core/filter.ts'
import { safeText } from '../../core/text.ts'
import { demoProvider } from '../../providers/index.ts'
import type { ConsentOutcome } from '../../store/consent-ops.ts'
import type { StoredEvent } from '../../store/event-ops.ts'
import { type CommandContext, withApp } from '../context.ts'
import { makeTelling, type Telling } from '../demo-telling.ts'
import type { Io } from '../io.ts'
import { openBrowser } from '../open-browser.ts'
import { accountWord } from '../render/account-word.ts'
import { shortId } from '../render/event-row.ts'
import { makePaint, type Paint } from '../render/paint.ts'
import { wrap } from '../render/wrap.ts'
import { type Spinner, startSpinner } from '../spinner.ts'

export interface DemoFlags {
  once?: boolean
  forward?: string
  reset?: boolean
}

const companies = { acme: 'Acme Holdings', globex: 'Globex Corp' }

/** The whole loop in words. Everything goes through the same doors as with a real provider. */
export async function demo(context: CommandContext, flags: DemoFlags): Promise<number> {
  const { self } = context.io
  const io = { ...context.io, self: self.endsWith(' --demo') ? self : `${self} --demo` }
  return withApp({ ...context, demo: true }, async app => {
    if (flags.reset) resetDemo(app.surroundings)
    const telling = makeTelling(io, app, context.version)
    const running = await openDemo(app, flags.forward, telling.onFact)
    try {
      const failed = await Promise.race([play(io, app, running, telling, flags), stopped(io)])
      if (!flags.once && io.stop.exit === 0) await stopped(io)
      if (failed) return failed
    } finally {
      telling.quiet(false)
      await running.stop(flags.once ? 'played' : 'interrupted')
    }
    return io.stop.exit
  })
}

async function play(io: Io, app: App, running: Demo, telling: Telling, flags: DemoFlags): Promise<number> {
  const paint = makePaint(io.color)
  const say: Say = async (line = '', indent?: number) => {
    if (io.output === 'text') await io.out(wrap(line, io.columns, indent))
  }
  await intro(running, paint, say)
  const consented = await consents(io, app, running, flags, paint, say)
  if (consented !== 0) return consented
  await say()
  await say(paint.strong('2  Activation'))
  await say(
    `   ${paint.good('✓')} ${demoProvider.name} sends to ${running.callback}: one URL for all customers of an app`,
  )
  await say()
  await say(paint.strong('3  Event arrives     4  Whose is it?     5  Your handler gets it'))
  telling.quiet(false)
  await events(running, telling, say)
  await explained(app, paint, say)
  if (!flags.once && io.output === 'text') await outro(io, app, running, paint)
  return 0
}

/** Prints a line of prose; where it is too long, the next ones are indented so far. */
type Say = (line?: string, indent?: number) => Promise<void>

async function intro({ simulator, handler, session }: Demo, paint: Paint, say: Say): Promise<void> {
  await say()
  await say(
    `${paint.strong('whs demo')}: all five steps on this machine, with no account. Your real apps are not touched.`,
  )
  const yours = handler
    ? `a handler for your side at http://127.0.0.1:${handler.port}`
    : `your handler is ${targetsOf(session)}`
  await say(`A ${demoProvider.name} look-alike runs at ${simulator.base}, ${yours}.`)
  await say()
}

async function consents(io: Io, app: App, running: Demo, flags: DemoFlags, paint: Paint, say: Say): Promise<number> {
  await say(paint.strong('1  Tenant authorises'))
  const { account } = { account: companies.acme }
  const ended = new AbortController()
  let spinner: Spinner | undefined
  const mayWait = io.mayAsk && !flags.once
  const acme = await running.connect('acme', io.stop.signal, async ({ url }) => {
    const opened = mayWait && (await openBrowser(url))
    await say(
      `   Acme, your customer, opens your link:  ${paint.strong(url)}${opened ? '   (opened in your browser)' : ''}`,
    )
    if (!mayWait) return void (await consentAsPerson(app.http, url, account))
    await say(`   Continue, choose "${account}", press Allow. Or press Enter here and the demo does it.`)
    const waiting = await startSpinner(io, 'waiting')
    spinner = waiting
    void onEnter(io, ended.signal, () => {
      waiting.stopAfterEnter()
      return consentAsPerson(app.http, url, account)
    })
  })
  ended.abort()
  spinner?.stop()
  if (!acme.ok) return consentFailed(io, acme)
  await say(`   ${paint.good('✓')} ${connectedText(acme)}`)
  const [first] = demoProvider.accounts
  await say(
    paint.faint(
      `     The ${first?.word} came through the browser, so it was believed only after a call with the new token.`,
    ),
  )
  const globex = await running.connect('globex', io.stop.signal, ({ url }) =>
    consentAsPerson(app.http, url, companies.globex),
  )
  if (!globex.ok) return consentFailed(io, globex)
  await say(`   ${paint.good('✓')} ${connectedText(globex)}   (the demo pressed Allow)`)
  return 0
}

function connectedText(outcome: ConsentOutcome & { ok: true }): string {
  const tenants = outcome.connections.flatMap(one => one.tenants)
  const accounts = outcome.connections.flatMap(one => one.accounts)
  const shown = accounts.map(one => `${safeText(one.name ?? '')}, ${accountWord(demoProvider.id, one.kind)} ${one.id}`)
  return `${tenants.join(', ')} is connected: ${shown.join('; ')}`
}

function consentFailed(io: Io, outcome: ConsentOutcome & { ok: false }): number {
  if (io.stop.exit !== 0) return io.stop.exit
  const { code, what, why, next, exit } = outcome.failure
  throw new WhsError({ code, what, exit, ...(why ? { why } : {}), ...(next ? { next: 'whs demo' } : {}) })
}

/** Runs work when the person presses Enter. What fails is said by the consent itself. */
function onEnter(io: Io, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  return new Promise(resolve => {
    const lines = createInterface({ input: io.stdin })
    signal.addEventListener('abort', () => lines.close(), { once: true })
    lines.once('line', () => void work().catch(() => undefined))
    lines.once('close', resolve)
  })
}

async function events(running: Demo, telling: Telling, say: Say): Promise<void> {
  const { change, handler, session } = running
  // A handler that is not there is not waited for.
  const answered = (parts: number): Promise<unknown> =>
    telling.until(({ attempt, held }) => attempt >= parts || held > 0)
  const note = (line: string): Promise<void> => say(`             ${line}`)
  await change({ account: companies.acme, event: 'customer.created' })
  await answered(1)
  await change({ account: [companies.acme, companies.globex], event: ['invoice.updated', 'invoice.created'] })
  await answered(3)
  await note('The last two came in ONE delivery. Each customer’s part went out alone, signed again,')
  if (handler)
    await note(`and the handler’s own signature check ${handler.failed() === 0 ? 'passed for both' : 'FAILED'}.`)
  else await note(`and your handler (${targetsOf(session)}) can check the signature of each.`)
  await change({ unknownAccount: true, event: 'invoice.created' })
  const { parked: stranger } = await telling.until(({ parked, owned }) => parked > 0 || owned > 3)
  if (stranger === 0) await note('Nobody’s at first, but you claimed it in an earlier run: --reset starts anew.')
  await change({ account: companies.acme, event: 'invoice.created', forge: true })
  await telling.until(({ rejected }) => rejected > 0)
  await note('Forged with another secret: kept here, and it never reached the handler.')
}

async function explained(app: App, paint: Paint, say: Say): Promise<void> {
  const [event] = await app.store().read('listEvents', { filter: { tenant: ['globex'] }, order: 'newest', limit: 1 })
  if (!event) return
  await say()
  await say(paint.strong(`How whs knew that ${shortId(event.id)} is globex’s`))
  for (const [label, text] of Object.entries(await explainEvent(app, event)))
    await say(`   ${label.padEnd(8)}  ${safeText(text as string)}`, 13)
}

async function outro(io: Io, app: App, { simulator, handler }: Demo, paint: Paint): Promise<void> {
  const self = `${io.self.replace(/ --demo$/, '')} --demo`
  const newest = async (filter: Filter): Promise<StoredEvent | undefined> =>
    (await app.store().read('listEvents', { filter, order: 'newest', limit: 1 }))[0]
  const sent = await newest({ tenant: ['acme'] })
  const parked = await newest({ parked: true })
  const row = (label: string, text: string): Promise<void> => io.out(`   ${label.padEnd(23)}  ${paint.strong(text)}`)
  await io.out('')
  await io.out('The demo goes on until Ctrl-C. In a second terminal, from this folder:')
  await row('send one again', `${self} replay ${sent ? shortId(sent.id) : 'last'}`)
  await row('a new event for acme', `${self} trigger ${demoProvider.id}:invoice.created --tenant acme`)
  if (parked) {
    await row('claim what is parked', `${self} tenants map initech --app ${parked.app} --account ${parked.account}`)
  }
  await row('look at it in a browser', `${self} inspect`)
  await row('change records by hand', simulator.base)
  if (handler) {
    const again = self.startsWith('npx whs --') ? 'npm run demo --' : `${self.replace(' --demo', '')} demo`
    await row('your own handler', `${again} --forward 3000`)
  }
  await row('a real app', `${self.replace(' --demo', '')} setup ${demoProvider.id}`)
  await io.out('')
}

function targetsOf({ ready }: Demo['session']): string {
  return ready.targets.join(', ')
}

function stopped(io: Io): Promise<number> {
  if (io.stop.signal.aborted) return Promise.resolve(io.stop.exit)
  return new Promise(resolve => io.stop.signal.addEventListener('abort', () => resolve(io.stop.exit), { once: true }))
}
