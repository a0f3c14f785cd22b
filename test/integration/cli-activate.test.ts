import { expect, test } from 'vitest'
import { asana } from '../../src/providers/asana.ts'
import { stripe } from '../../src/providers/stripe.ts'
import { zendesk } from '../../src/providers/zendesk.ts'
import { openHookCli } from '../helpers/hook-cli.ts'
import { listenHere } from '../helpers/listener-here.ts'
import { queryFile, tempHome } from '../helpers/temp-home.ts'
import { runCommand } from '../helpers/test-io.ts'

const json = (text: string): Record<string, unknown> => JSON.parse(text.trim().split('\n').at(-1) as string)

test('connecting makes the hook: its handshake is answered while the call is open, and its events arrive', async () => {
  const world = await openHookCli(asana)
  const { session } = await world.listen()
  const { code, records } = await world.connectAcme()
  expect(code).toBe(0)
  expect(records).toMatchObject([
    { type: 'connection', tenants: ['acme'] },
    {
      type: 'activation',
      tenant: 'acme',
      state: 'made',
      url: session.ready.callbacks.asana,
      resource: '77',
      why: null,
    },
  ])
  expect(await world.hooks()).toHaveLength(1)
  const sent = await world.change('asana', { account: 'Acme Holdings', event: 'task.updated' })
  expect(sent, sent.text).toMatchObject({ status: 200 })
  expect((await world.whs('events --tenant acme')).records).toMatchObject([
    { type: 'event', verified: 'signature' },
    { type: 'event', event: 'tenant.connected', source: 'lifecycle' },
  ])
  const [listed] = (await world.whs('activations')).records
  expect(listed).toMatchObject({ state: 'made', madeBy: 'api', temporary: false, secrets: [{ name: 'webhook' }] })
  const again = await world.whs('activate asana --tenant acme')
  expect(again).toMatchObject({ code: 0, records: [{ id: listed?.id, state: 'found' }] })
  expect(await world.hooks()).toHaveLength(1)
  expect((await world.whs('doctor')).records).toContainEqual(
    expect.objectContaining({ name: 'hooks at asana', level: 'ok' }),
  )
})

test('--no-activate makes none, and what to type is said; without a listener that is said first', async () => {
  const world = await openHookCli(asana)
  const alone = await world.connectAcme()
  expect(alone.code).toBe(0)
  expect(alone.err).toContain('note   Asana needs a listener that it reaches: whs listen\n')
  expect(alone.err).toContain('next   whs activate asana --tenant acme   (Asana sends nothing before)\n')
  await world.listen()
  expect((await world.connectAcme('--no-activate')).records).toMatchObject([{ type: 'connection' }])
  expect(await world.hooks()).toEqual([])
})

test('which resources is a question, with the usual ones chosen; elsewhere the flags say it', async () => {
  const world = await openHookCli(asana)
  await world.listen()
  await world.connectAcme('--no-activate')
  const answers: [RegExp, string][] = [[/For which project of acme/, '']]
  const asked = await world.whs('activate asana', { tty: true, answers })
  expect(asked.out).toMatch(/^✓ acme at asana, project 77 {2}made {2}act_\w+\n$/)
  const unknown = await world.whs('activate asana --resource 78')
  expect(unknown.code).toBe(5)
  expect(json(unknown.err)).toMatchObject({
    code: 'no-resource',
    what: 'there is no project 78',
    why: 'did you mean 77?',
  })
  expect((await world.whs('activate asana --resource 77')).records).toMatchObject([{ state: 'found' }])
  expect((await world.whs('activate asana --all-resources')).records).toMatchObject([{ state: 'found' }])
})

test.each([
  ['activate asana --resource 77 --all-resources', 2, 'usage', 'whs activate --help'],
  ['activate asana', 5, 'no-connection', 'whs connect asana --tenant acme'],
  ['activate asana --tenant acme', 5, 'no-tenant', 'whs tenants'],
  ['activate quickbooks', 2, 'no-activation-api', 'whs setup quickbooks'],
  ['activate zendesk', 3, 'callback-not-public', expect.stringContaining('whs listen')],
  ['activate nobody', 5, 'unknown-provider', 'whs providers'],
  ['deactivate asana', 5, 'no-activation', 'whs activations --app asana'],
  ['deactivate quickbooks', 2, 'no-activation-api', 'whs setup quickbooks'],
] as const)('%s: exit %i', async (line, exit, code, next) => {
  const world = await openHookCli(asana)
  const keys = ['--env production --client-id c1 --client-secret - --yes', { stdin: 's\n' }] as const
  for (const provider of ['quickbooks', 'zendesk']) await world.whs(`app add ${provider} ${keys[0]}`, keys[1])
  await world.listen()
  const ran = await world.whs(line)
  expect(ran.code).toBe(exit)
  expect(json(ran.err)).toMatchObject({ code, next })
})

test('with no app that an API activates there is nothing to do, and that is said', async () => {
  const env = { WHS_HOME: tempHome() }
  const { code, err } = await runCommand(['activate'], { env })
  expect(code).toBe(3)
  expect(json(err)).toMatchObject({ code: 'no-app' })
})

test('without a name every app is activated; what fails at one is told, and leaves nothing false', async () => {
  const world = await openHookCli(asana)
  await world.listen()
  await world.connectAcme('--no-activate')
  await world.control({ fail: { status: 402, body: { errors: [{ message: 'not in your plan' }] }, call: 'create' } })
  const ran = await world.whs('activate')
  expect(ran.code).toBe(10)
  expect(ran.records).toMatchObject([
    { state: 'failed', id: null, means: 'plan', why: expect.stringContaining('not in your plan') },
  ])
  expect((await world.whs('activations')).records).toEqual([])
  const text = await world.whs('activate', { tty: true, answers: [[/For which/, '']] })
  expect(text.out).toContain('✓ acme at asana, project 77  made')
})

test('the one hook of an app is made with its own keys, once', async () => {
  const world = await openHookCli(stripe)
  await world.listen()
  const made = await world.whs('activate stripe')
  expect(made.records).toMatchObject([{ state: 'found', tenant: null, resource: null }])
  const refused = await world.whs('activate stripe --tenant acme')
  expect(json(refused.err)).toMatchObject({ code: 'activation-is-shared', next: 'whs activate stripe' })
})

test('removing: of a tenant at once, of all only by name; at the provider and here', async () => {
  const world = await openHookCli(zendesk)
  await world.listen()
  await world.connectAcme()
  expect(await world.hooks()).toHaveLength(1)
  const refused = await world.whs('--yes deactivate zendesk')
  expect(json(refused.err)).toMatchObject({ code: 'not-confirmed', next: 'whs deactivate zendesk --confirm zendesk' })
  await world.control({ fail: { status: 500, call: 'remove' } })
  const failed = await world.whs('deactivate zendesk --tenant acme')
  expect(failed).toMatchObject({ code: 10, records: [{ state: 'failed', means: 'busy' }] })
  expect(await world.hooks()).toHaveLength(1)
  const gone = await world.whs('deactivate zendesk --confirm zendesk', { tty: true })
  expect(gone.out).toMatch(/^✓ acme at zendesk {2}removed {2}act_\w+\n$/)
  expect(await world.hooks()).toEqual([])
  expect((await world.whs('activations')).records).toEqual([])
})

test('disconnecting removes the hooks while the token holds, and says what stays', async () => {
  const world = await openHookCli(zendesk)
  await world.listen()
  await world.connectAcme()
  const ended = await world.whs('--yes tenants disconnect acme')
  expect(ended.records).toMatchObject([{ state: 'revoked', hooks: { removed: 1, left: [] } }])
  expect(await world.hooks()).toEqual([])
  await world.connectAcme()
  await world.control({ fail: { status: 403, call: 'remove' } })
  const left = await world.whs('--yes tenants disconnect acme', { env: { WHS_OUTPUT: 'text' } })
  expect(left.err).toMatch(/warning {2}a hook of acme stays at zendesk \(\S+\): Zendesk answered 403/)
  expect(await world.hooks()).toHaveLength(1)
})

test('the list says what expires, why a call failed, and what to type', async () => {
  const world = await openHookCli(zendesk)
  await listenHere(world.home)
  await world.connectAcme()
  const day = 86_400_000
  const row = { expires: Date.now() + 3 * day, next: Date.now() + 2 * day }
  queryFile(world.home, `UPDATE activations SET expires_at = ${row.expires}, next_at = ${row.next}`)
  const well = await world.whs('activations', { tty: true })
  expect(well.out).toMatch(/ends in [\d.]+ (d|days|h).* \(renewed in /)
  queryFile(world.home, "UPDATE activations SET why = 'Zendesk answered 500', tries = 2")
  const failed = await world.whs('activations', { tty: true })
  expect(failed.out).toContain('why    Zendesk answered 500; whs listen tries again in ')
  expect(failed.out).toContain('to do  whs activate zendesk --tenant acme\n')
  expect((await world.whs('activations')).records).toMatchObject([{ state: 'failed', why: 'Zendesk answered 500' }])
  expect((await world.whs('doctor')).records).toContainEqual(
    expect.objectContaining({ name: 'activation acme', level: 'warning', fix: 'whs activate zendesk --tenant acme' }),
  )
})

test('a scope that is missing and hooks that are too many are named; what may pass is tried again by the listener', async () => {
  const world = await openHookCli(zendesk)
  const { session, stop } = await world.listen()
  await world.connectAcme('--no-activate --scopes read')
  const refused = await world.whs('activate zendesk')
  expect(refused.code).toBe(4)
  expect(refused.records).toMatchObject([
    {
      state: 'failed',
      id: null,
      means: 'scope',
      why: expect.stringContaining('the connection lacks webhooks:write'),
      todo: 'whs connect zendesk --tenant acme',
    },
  ])
  expect((await world.whs('activations')).records).toEqual([])
  await world.connectAcme('--no-activate')
  await world.control({ quota: 0 })
  const full = await world.whs('activate zendesk')
  expect(full.code).toBe(10)
  expect(full.records).toMatchObject([{ state: 'failed', means: 'quota', nextAt: expect.any(String) }])
  expect((await world.whs('activations')).records).toMatchObject([{ state: 'failed', why: full.records[0]?.why }])
  expect(await world.hooks()).toEqual([])
  await stop()
  await world.control({ quota: null })
  const next = await world.listen({ port: Number(new URL(session.ready.url).port) }, 120_000)
  expect(await next.told('made')).toMatchObject({ tenant: 'acme' })
  expect(await world.hooks()).toHaveLength(1)
})
