import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { hookDeps } from '../../src/app/consent-deps.ts'
import type { HookStep } from '../../src/connect/activation/activation-deps.ts'
import { listResources } from '../../src/connect/activation/list-resources.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { airtable } from '../../src/providers/airtable.ts'
import { asana } from '../../src/providers/asana.ts'
import { googleCalendar } from '../../src/providers/google-calendar.ts'
import { jira } from '../../src/providers/jira.ts'
import { microsoftGraph } from '../../src/providers/microsoft-graph.ts'
import { zendesk } from '../../src/providers/zendesk.ts'
import { companiesOf } from '../helpers/cli-world.ts'
import { testedProviders } from '../helpers/fixtures.ts'
import { type CallHolder, holdCalls } from '../helpers/hold-calls.ts'
import { type HookCli, openHookCli } from '../helpers/hook-cli.ts'
import { appHere } from '../helpers/listener-here.ts'
import { jsonLines } from '../helpers/listening.ts'
import { startWhs } from '../helpers/program.ts'
import { queryFile } from '../helpers/temp-home.ts'

const scopeOf = ({ activation }: ProviderDefinition) => activation.api && (activation.api.per ?? activation.per)
/** Those whose hooks are tenants' own: at the simulator the hook of a whole app stands from the start. */
const makers = testedProviders.filter(definition => ['tenant', 'resource'].includes(scopeOf(definition) ?? 'app'))
/** What is left pending is looked at again after three minutes. */
const laterMs = 240_000

interface Killing extends HookCli {
  holder: CallHolder
  definition: ProviderDefinition
}

async function begin(definition: ProviderDefinition): Promise<Killing> {
  let holder: CallHolder | undefined
  const world = await openHookCli(definition, async base => {
    holder = await holdCalls(definition, base)
    return holder.base
  })
  return { ...world, holder: holder as CallHolder, definition }
}

/** Runs the built program, and kills it while a call of a step is held. What it said. */
async function killAt(
  { holder, home }: Killing,
  args: string[],
  [step, when]: [HookStep, 'before' | 'after'],
): Promise<Record<string, unknown>[]> {
  const isHeld = holder.hold(step, when)
  const program = startWhs(args, { home, env: { WHS_PORT: '0' } })
  await Promise.race([isHeld, program.ended.then(({ stderr }) => Promise.reject(new Error(`it ended: ${stderr}`)))])
  program.kill('SIGKILL')
  expect(await program.ended).toMatchObject({ signal: 'SIGKILL' })
  return jsonLines(program.stdout())
}

/** The flags that name one hook. */
async function oneHook({ home, definition }: Killing): Promise<string[]> {
  if (scopeOf(definition) !== 'resource') return []
  const app = appHere(home)
  const [connection] = await app.store().read('openConnections', { tenant: 'acme', app: null })
  const [resource] = await listResources(hookDeps(app), { app: definition.id, connection: connection?.id ?? null })
  return ['--resource', resource?.id as string]
}

/** How many stand: where nobody can ask that, another id is chosen, and what the first one sends proves nothing any more. */
const inTheEnd = ({ activation: { api } }: ProviderDefinition) => (api?.list || api?.renew === 'again' ? 1 : 2)

/** What of a simulator's change a listener at a port takes in, and whose it is. */
async function heard({ whs, change, listen, definition, simulator }: Killing, port: number): Promise<unknown[]> {
  const listener = await listen({ port })
  const came = async () => (await whs('events')).records.filter(({ source }) => source === 'delivery')
  const before = (await came()).length
  const url = `${simulator.base}/${definition.id}/control/events`
  const { events } = (await (await fetch(url)).json()) as { events: { event: string; type: string | null }[] }
  // An app that is uninstalled ends the consent.
  const lasting = events.filter(({ event }) => !event.includes('uninstalled'))
  const ofRecords = lasting.filter(({ type }) => type !== null)
  const [company] = companiesOf(definition)
  for (const { event } of ofRecords.length > 0 ? ofRecords : lasting) {
    const sent = await change(definition.id, { account: company?.name, event })
    expect(sent.status, sent.text).toBe(200)
    if (JSON.parse(sent.text).deliveries.length > 0) break
  }
  await listener.stop()
  const all = await came()
  return all.slice(0, all.length - before).map(({ tenant, verified }) => [tenant, verified !== 'none'])
}

const states = async ({ whs }: Killing) => (await whs('activations')).records.map(({ state }) => state)

test.each(makers.map(definition => [definition.id, definition] as const))(
  '%s: killed while the answer to the call that makes a hook is awaited, the next start finds it and makes no second one',
  async (id, definition) => {
    const world = await begin(definition)
    const first = await world.listen()
    await world.connectAcme('--no-activate')
    const args = ['activate', id, '--tenant', 'acme', ...(await oneHook(world))]
    expect(await killAt(world, args, ['create', 'after'])).toEqual([])
    expect(await world.hooks()).toHaveLength(1)
    expect(await states(world)).toEqual(['pending'])
    const again = await world.whs(args.join(' '))
    expect(again.records).toMatchObject([
      { state: 'failed', means: 'busy', why: expect.stringMatching(/another command/) },
    ])
    await first.stop()

    const port = Number(new URL(first.session.ready.url).port)
    const next = await world.listen({ port }, laterMs)
    await expect.poll(() => states(world)).toEqual(['made'])
    await next.stop()
    expect(next.outcomes().map(({ kind }) => kind)).toEqual(['made'])
    expect(await world.hooks()).toHaveLength(inTheEnd(definition))
    expect(await heard(world, port)).toEqual([['acme', true]])
  },
)

test.each([zendesk, asana, googleCalendar])(
  '$id: killed after the row and before the call, the next start makes the hook, once',
  async definition => {
    const world = await begin(definition)
    const first = await world.listen()
    await world.connectAcme('--no-activate')
    const args = ['activate', definition.id, '--tenant', 'acme', ...(await oneHook(world))]
    expect(await killAt(world, args, ['create', 'before'])).toEqual([])
    expect(await world.hooks()).toEqual([])
    expect(await states(world)).toEqual(['pending'])
    await first.stop()
    const port = Number(new URL(first.session.ready.url).port)
    const next = await world.listen({ port }, laterMs)
    expect(await next.told('made')).toMatchObject({ tenant: 'acme', activation: { state: 'active' } })
    await next.stop()
    expect(await world.hooks()).toHaveLength(1)
    expect(await heard(world, port)).toEqual([['acme', true]])
  },
)

/** A hook that is well, whose listener has ended; the port that it pointed at. */
async function standing(world: Killing): Promise<number> {
  const first = await world.listen()
  await world.connectAcme('--no-activate')
  const args = ['activate', world.definition.id, '--tenant', 'acme', ...(await oneHook(world))]
  expect((await world.whs(args.join(' '))).records).toMatchObject([{ state: 'made' }])
  await first.stop()
  return Number(new URL(first.session.ready.url).port)
}

/** A port where nobody listens just now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

test.each([zendesk, asana, microsoftGraph, jira, googleCalendar])(
  '$id: killed while a hook is moved to another URL, there is one hook in the end, and it points here',
  async definition => {
    const world = await begin(definition)
    await standing(world)
    const port = await freePort()
    const said = await killAt(world, ['listen', '--tunnel', 'none', '--port', String(port)], ['move', 'after'])
    expect(said.filter(({ type }) => type === 'activation')).toEqual([])
    const next = await world.listen({ port }, laterMs)
    await expect.poll(() => states(world), { timeout: 10_000 }).toEqual(['made'])
    await expect
      .poll(async () => (await world.hooks()).filter(({ url }) => !url.includes(`:${port}/`)), { timeout: 10_000 })
      .toEqual([])
    await next.stop()
    expect(['moved', 'made']).toContain(next.outcomes().at(-1)?.kind)
    expect(await world.hooks()).toHaveLength(inTheEnd(definition))
    expect(await heard(world, port)).toEqual([['acme', true]])
  },
)

test.each([microsoftGraph, airtable, googleCalendar])(
  '$id: killed while a hook is renewed, it is renewed at the next start, and is one',
  async definition => {
    const world = await begin(definition)
    const port = await standing(world)
    const [before] = (await world.whs('activations')).records
    queryFile(world.home, 'UPDATE activations SET next_at = 1')
    await killAt(world, ['listen', '--tunnel', 'none', '--port', String(port)], ['renew', 'after'])
    const next = await world.listen({ port }, laterMs)
    expect(await next.told('renewed')).toMatchObject({ activation: { state: 'active', why: null } })
    await expect.poll(() => states(world)).toEqual(['made'])
    const [after] = (await world.whs('activations')).records
    expect(Date.parse(String(after?.expiresAt))).toBeGreaterThan(Date.parse(String(before?.expiresAt)))
    await next.stop()
    expect(await world.hooks()).toHaveLength(inTheEnd(definition))
    expect(await heard(world, port)).toEqual([['acme', true]])
  },
)

test('killed while a hook is removed, the next start names it as gone, and removing it once more ends it', async () => {
  const world = await begin(zendesk)
  const port = await standing(world)
  expect(await killAt(world, ['deactivate', 'zendesk', '--tenant', 'acme'], ['remove', 'after'])).toEqual([])
  expect(await world.hooks()).toEqual([])
  const next = await world.listen({ port })
  expect(await next.told('gone')).toMatchObject({ means: 'gone', todo: 'whs activate zendesk --tenant acme' })
  expect(await states(world)).toEqual(['gone'])
  expect((await world.whs('deactivate zendesk --tenant acme')).records).toMatchObject([{ state: 'gone' }])
  expect((await world.whs('activations')).records).toEqual([])
})
