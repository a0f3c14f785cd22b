import { randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { makeHttpCall } from '../../src/net/call.ts'
import { readFixtures } from '../../src/simulate/fixtures.ts'
import { type Simulator, startSimulator } from '../../src/simulate/simulator.ts'
import { fixtureDir } from './fixtures.ts'
import { tempHome } from './temp-home.ts'
import { type Ran, runCommand, type TestIoOptions } from './test-io.ts'

/** A data directory, a simulator of some providers, and the command line over both. */
export interface CliWorld {
  home: string
  simulator: Simulator
  whs(args: string, options?: TestIoOptions): Promise<Ran>
  /** `app add` at the simulator. */
  add(provider: string, more?: string): Promise<Ran>
  /** `connect --no-open`, and what a person does with the link: chooses the companies and allows, or refuses. */
  connect(app: string, companies: string[], more?: string, options?: TestIoOptions): Promise<Ran>
  /** Makes a change at the simulator, which then sends. */
  change(provider: string, wish: object): Promise<{ status: number; text: string }>
}

/** `now` is the simulator's clock. */
export async function openCliWorld(definitions: ProviderDefinition[], now = Date.now): Promise<CliWorld> {
  const home = tempHome()
  const simulator = await startSimulator({
    port: 0,
    providers: definitions,
    fixtures: fixtureDir,
    now,
    randomBytes,
    timeScale: 1,
    httpCall: makeHttpCall({}),
  })
  onTestFinished(() => simulator.close())
  const whs: CliWorld['whs'] = (args, options = {}) => {
    const env = { WHS_HOME: home, WHS_PORT: '0', ...options.env }
    return runCommand(args.split(' ').filter(Boolean), { ...options, env })
  }
  return {
    home,
    simulator,
    whs,
    add: (provider, more = '') => whs(`app add ${provider} --env simulator --host simulator=${simulator.base} ${more}`),
    async connect(app, companies, more = '', options = {}) {
      let person: Promise<void> | undefined
      const watch = (written: string): void => {
        options.watch?.(written)
        const link = /\n\n {2}(http\S+\/connect\/\S+)\n/.exec(written)?.[1]
        if (link) person ??= consent(link, companies)
      }
      const ran = await whs(`connect ${app} --no-open --port 0 --timeout 20s ${more}`, { ...options, watch })
      await person
      return ran
    },
    async change(provider, wish) {
      const url = `${simulator.base}/${provider}/control/change`
      const answer = await fetch(url, { method: 'POST', body: JSON.stringify(wish) })
      return { status: answer.status, text: await answer.text() }
    },
  }
}

export type Company = ReturnType<typeof readFixtures>['accounts'][number]

/** The companies that a provider's simulator knows. */
export function companiesOf(definition: ProviderDefinition): Company[] {
  return readFixtures(definition, fixtureDir(definition.id)).accounts
}

/** The flags by which a company is connected: what is asked before, and the account where a person must vouch for it. */
export function flagsFor(definition: ProviderDefinition, { values, slots = {} }: Company): string {
  const [kind = ''] = Object.keys(definition.identity.accounts)
  const asked = (definition.ask ?? []).map(({ name }) => `--set ${name}=${slots[name]}`)
  return [...asked, ...(definition.identity.prove?.by === 'app' ? [`--account ${values[kind]}`] : [])].join(' ')
}

/** The pages of a consent, one after the other, as a browser without scripts would load them. */
export async function consent(link: string, companies: string[], visit: typeof fetch = fetch): Promise<void> {
  const { origin } = new URL(link)
  const cookies: string[] = []
  const load = async (method: 'GET' | 'POST', url: string, body?: URLSearchParams): Promise<Response> => {
    const headers = { cookie: cookies.join('; '), origin, 'sec-fetch-site': 'same-origin' }
    const answer = await visit(url, { method, redirect: 'manual', headers, ...(body ? { body } : {}) })
    cookies.push(...answer.headers.getSetCookie().map(cookie => cookie.split(';')[0] as string))
    return answer
  }
  await load('GET', link)
  const begun = await load('POST', link, new URLSearchParams())
  const asked = new URL(begun.headers.get('location') as string)
  const decision = new URLSearchParams([
    ['decision', companies.length > 0 ? 'allow' : 'deny'],
    ...companies.map(name => ['account', name]),
  ])
  const allowed = await load('POST', asked.href, decision)
  const back = allowed.headers.get('location')
  if (!back) throw new Error(`the consent page answered ${allowed.status}: ${await allowed.text()}`)
  await load('GET', back)
}
