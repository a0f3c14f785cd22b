import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { onTestFinished } from 'vitest'
import type { Environment, ProviderDefinition } from '../../src/core/definition.ts'
import { type HttpCall, makeHttpCall } from '../../src/net/call.ts'
import { startSimulator } from '../../src/simulate/simulator.ts'
import { type Company, companiesOf, consent } from './cli-world.ts'
import { fixtureDir } from './fixtures.ts'
import { appHere } from './listener-here.ts'
import { type NgrokEdge, startNgrokEdge } from './ngrok-edge.ts'
import { makeFolder, type ProgramOptions } from './program.ts'
import type { PortalApp } from './simulated.ts'
import { openTerminal, type Terminal } from './terminal.ts'

const authtoken = '2abcDEFghiJKLmnoPQRstuVWXyz_1234567890abcdefgh'

/** A provider's portal and API (a simulator), ngrok's edge between it and whs, and a person at a terminal. */
export interface SetupWalk {
  options: ProgramOptions & { home: string }
  /** The app that the person has made at the portal. */
  made: PortalApp
  edge: NgrokEdge
  company: Company
  /** What the person changes in the portal. */
  paste(change: object): Promise<void>
  /** The portal tests the callback URL by its handshakes of a kind; whether it was content with each. */
  test(kind?: string): Promise<boolean[]>
  /** Something happens at the provider; the statuses that its deliveries were answered. */
  happen(more?: object): Promise<(number | undefined)[]>
  allow(link: string): Promise<void>
  open(args: string[], more?: Partial<ProgramOptions>): Promise<Terminal>
}

export async function openSetupWalk(definition: ProviderDefinition): Promise<SetupWalk> {
  const { id } = definition
  const edge = await startNgrokEdge({ authtoken })
  onTestFinished(() => edge.close())
  const outside = makeHttpCall({})
  /** The internet: what is online at the edge comes through it. */
  const httpCall: HttpCall = async request => {
    const { host, pathname, search } = new URL(request.url)
    if (!edge.online().includes(host)) return outside(request)
    const { method, headers = {}, body = '' } = request
    return edge.request(host, { method, path: pathname + search, headers, body })
  }
  const options = { port: 0, providers: [definition], fixtures: fixtureDir, now: Date.now, randomBytes, timeScale: 1 }
  const simulator = await startSimulator({ ...options, httpCall })
  onTestFinished(() => simulator.close())
  const json = async <T>(path: string, method: string, body: object): Promise<T> => {
    const answer = await fetch(`${simulator.base}/${id}${path}`, { method, body: JSON.stringify(body) })
    const text = await answer.text()
    if (answer.status !== 200) throw new Error(text)
    return JSON.parse(text) as T
  }
  const made: PortalApp = await json('/portal/apps', 'POST', {})
  const ca = join(makeFolder(), 'ca.pem')
  writeFileSync(ca, edge.caPem)
  const home = makeFolder()
  const env = { NGROK_AUTHTOKEN: authtoken, WHS_NGROK_SERVER_ADDR: edge.serverAddr, WHS_NGROK_CA: ca }
  const program = { home, env: { ...env, WHS_PORT: '0', NO_COLOR: '1', BROWSER: 'none' } }
  const [company] = companiesOf(definition) as [Company]
  return {
    options: program,
    made,
    edge,
    company,
    paste: change => json(`/portal/apps/${made.clientId}`, 'PUT', change),
    async test(kind) {
      const wish = { clientId: made.clientId, ...(kind ? { kind } : {}) }
      const { handshakes } = await json<{ handshakes: { ok: boolean }[] }>('/portal/handshakes', 'POST', wish)
      return handshakes.map(({ ok }) => ok)
    },
    async happen(more = {}) {
      const { events } = (await (await fetch(`${simulator.base}/${id}/control/events`)).json()) as {
        events: { event: string; type: string | null; isApp: boolean }[]
      }
      const own = events.filter(({ isApp }) => !isApp)
      const event = (own.find(({ type }) => type !== null) ?? own[0])?.event
      const wish = { account: company.name, event, clientId: made.clientId, ...more }
      const { deliveries } = await json<{ deliveries: { tries: { status?: number }[] }[] }>(
        '/control/change',
        'POST',
        wish,
      )
      return deliveries.map(({ tries }) => tries.at(-1)?.status)
    },
    async allow(link) {
      await consent(link, [company.name], (url, init) => visit(edge, url as string, init))
    },
    open: (args, more = {}) => openTerminal(args, { ...program, ...more, rows: 70, columns: 110 }),
  }
}

/** A request of the person's browser. */
async function visit(edge: NgrokEdge, url: string, init: RequestInit = {}): Promise<Response> {
  const { host, pathname, search } = new URL(url)
  if (!edge.online().includes(host)) return fetch(url, init)
  const { method = 'GET', body } = init
  const headers = init.headers as Record<string, string>
  const form: Record<string, string> =
    body instanceof URLSearchParams ? { 'content-type': 'application/x-www-form-urlencoded' } : {}
  const asked = {
    method,
    path: pathname + search,
    headers: { ...headers, ...form },
    body: body instanceof URLSearchParams ? body.toString() : '',
  }
  const answer = await edge.request(host, asked)
  const bodyless = answer.status === 204 || answer.status === 304
  return new Response(bodyless ? null : new Uint8Array(answer.body), { status: answer.status, headers: answer.headers })
}

/** Stores the app of the portal as one whose keys are not known yet, and whose provider is the simulator. */
export async function storeBare(
  home: string,
  definition: ProviderDefinition,
  made: PortalApp,
  env: Environment,
): Promise<void> {
  const roles = [...new Set(Object.values(definition.hosts).flatMap(hosts => Object.keys(hosts)))]
  const hosts = Object.fromEntries(roles.map(role => [role, made.hosts[role] as string]))
  const app = { name: definition.id, provider: definition.id, env, clientId: null, hosts, settings: {}, secrets: {} }
  await appHere(home).store().write('addApp', app)
}

/** What was on the terminal so far, without colours and carriage returns. */
export function textOf(terminal: Terminal): string {
  return stripVTControlCharacters(terminal.bytes().toString()).replaceAll('\r', '')
}

/** The person answers a question once it is asked, by typing. */
export async function answer(terminal: Terminal, asked: string, text: string): Promise<void> {
  await terminal.waitFor(new RegExp(`^\\? ${escaped(asked)} *$`, 'm'))
  if (text !== '') await terminal.press('-l', text)
  await terminal.press('Enter')
}

/** The value that stands ready to be pasted under a label. What the screen shows already may reach the log a moment later. */
export async function valueOf(terminal: Terminal, label: string): Promise<string> {
  const pattern = new RegExp(`^   ${escaped(label)}:  (\\S+)$`, 'm')
  for (const until = performance.now() + 10_000; ; await pause(20)) {
    const found = pattern.exec(textOf(terminal))
    if (found) return found[1] as string
    if (performance.now() > until) throw new Error(`there is no value for ${label}:\n${textOf(terminal)}`)
  }
}

/** The link of a consent that was printed. */
export async function linkOf(terminal: Terminal): Promise<string> {
  return (await terminal.waitFor(/^ {2}(http\S+\/connect\/\S+)$/m))[1] as string
}

export const saved = 'Enter when it is saved there'

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
