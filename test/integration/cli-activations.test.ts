import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { beforeEach, expect, test } from 'vitest'
import { activationsAdd } from '../../src/cli/commands/activations.ts'
import { mailchimp } from '../../src/providers/mailchimp.ts'
import { zendesk } from '../../src/providers/zendesk.ts'
import { companiesOf, flagsFor, openCliWorld } from '../helpers/cli-world.ts'
import { listenHere } from '../helpers/listener-here.ts'
import { queryFile, tempHome } from '../helpers/temp-home.ts'
import { runCommand, type TestIoOptions, testIo } from '../helpers/test-io.ts'

let home: string
beforeEach(() => {
  home = tempHome()
})
const whs = (args: string, options: TestIoOptions = {}) =>
  runCommand(args.split(' '), { ...options, env: { WHS_HOME: home, WHS_PORT: '0', ...options.env } })
const text = { env: { WHS_OUTPUT: 'text' } }
const add = (provider: string, more = '') =>
  whs(`app add ${provider} --env production --client-id c1 --client-secret - --yes${more}`, { stdin: 's3cret\n' })

test('a keyed hook: its URL is shown once, only the hash of its key is kept, and it waits', async () => {
  await add('mailchimp')
  const { ready } = await listenHere(home)
  const made = await whs('activations add mailchimp --tenant acme --new-tenant --id 4cb2a1e8d0')
  const [record] = made.records
  const url = record?.url as string
  expect(url).toMatch(/^http:\/\/localhost:\d+\/hooks\/mailchimp\/[A-Za-z0-9_-]{43}$/)
  expect(record).toMatchObject({ type: 'activation', app: 'mailchimp', tenant: 'acme', state: 'pending', keyed: true })
  expect(record?.todo).toContain(`whs activations confirm ${record?.id as string}`)
  expect(record).toMatchObject({ isNewTenant: true })
  expect(record?.steps).toContain(`Callback URL: ${url}`)
  const key = url.slice(-43)
  expect(queryFile(home, 'SELECT url, length(key_hash) AS bytes FROM activations')).toEqual([
    { url: `${ready.url}/hooks/mailchimp`, bytes: 32 },
  ])
  expect(readFileSync(join(home, 'whs.db')).includes(key)).toBe(false)
  const listed = await whs('activations', { tty: true })
  expect(listed.out).toContain(`mailchimp  acme  pending  audience id`.slice(0, 24))
  expect(listed.out).toContain(`${ready.url}/hooks/mailchimp/<key>`)
  expect(listed.out + JSON.stringify((await whs('activations list')).records)).not.toContain(key)
  expect((await fetch(url)).status).toBe(200)
})

test('without a listener the URL of a keyed hook is not known: exit 3, and nothing is kept', async () => {
  await add('mailchimp')
  const { code, err } = await whs('activations add mailchimp --tenant acme --new-tenant')
  expect(code).toBe(3)
  expect(JSON.parse(err)).toMatchObject({ code: 'no-callback', next: expect.stringContaining('whs listen') })
  expect((await whs('activations')).records).toEqual([])
})

test.each([
  ['activations add zendesk', 2, 'activation-needs-tenant', 'one for each tenant'],
  ['activations add zendesk --tenant -x', 2, 'bad-tenant', 'begins with a letter'],
  ['activations add zendesk --tenant acme --new-tenant --secret hunter2', 2, 'secret-in-argv', 'history'],
  ['activations add quickbooks --tenant acme', 2, 'activation-is-shared', 'all tenants'],
  ['activations add quickbooks --secret -', 2, 'no-hook-secret', 'the app’s own'],
  ['activations add quickbooks', 2, 'no-own-hook', 'one for all tenants', 'whs setup quickbooks'],
  ['activations add zendesk --tenant acme --resource 7', 2, 'no-resource', 'one for each tenant'],
  ['activations add hubspot --secret -', 2, 'no-hook-secret', 'the app’s own', 'whs app set hubspot --client-secret -'],
  [
    'activations add zendesk --tenant acme --new-tenant --id ???',
    2,
    'bad-hook-id',
    'it is up to 64 letters, digits, - or _',
    '--id <webhook id>',
  ],
  ['activations add nobody', 5, 'unknown-provider', ''],
  ['activations confirm ABCDEF --id 1', 5, 'no-activation', 'act_'],
  ['activations remove ABCDEF', 5, 'no-activation', 'act_'],
  ['activations addd', 2, 'unknown-command', 'did you mean add'],
] as const)('%s: exit %i', async (line, exit, code, why, next = expect.any(String)) => {
  await add('zendesk')
  await add('hubspot')
  await add('quickbooks')
  const ran = await whs(line, { stdin: 'x\n' })
  expect(ran.code).toBe(exit)
  expect(JSON.parse(ran.err)).toMatchObject({ code, why: expect.stringContaining(why), next })
  expect(ran.err).not.toContain('hunter2')
})

test('a hook whose secret the provider gives waits for it; id and secret make its deliveries known', async () => {
  await add('zendesk')
  await listenHere(home)
  const made = await whs('activations add zendesk --tenant acme --new-tenant')
  expect(made.records[0]).toMatchObject({ state: 'pending', secrets: [], keyed: false })
  const id = made.records[0]?.id as string
  const waits = await whs(`activations confirm ${id.slice(-6).toLowerCase()}`)
  expect(JSON.parse(waits.err)).toMatchObject({ exit: 2, what: 'nothing was said of the hook' })
  expect((await whs('doctor')).records).toContainEqual(
    expect.objectContaining({ name: 'activation acme', level: 'warning', fix: 'whs activations' }),
  )
  const confirmed = await whs(
    `activations confirm ${id.slice(-6).toLowerCase()} --id 01KB2ZVEMFGSF0Z4KFA4KJ4Y9N --secret -`,
    {
      stdin: 'g1ven-s3cret\n',
    },
  )
  expect(confirmed.records[0]).toMatchObject({
    id,
    state: 'made',
    providerId: '01KB2ZVEMFGSF0Z4KFA4KJ4Y9N',
    secrets: [{ name: 'webhook', fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/) }],
    todo: null,
  })
  expect((await whs('doctor')).records).toContainEqual(expect.objectContaining({ name: 'activations', level: 'ok' }))
  const again = await whs(`activations confirm ${id} --secret -`, { stdin: 'another\n' })
  expect(JSON.parse(again.err)).toMatchObject({ code: 'activation-complete', exit: 2 })
  const all = JSON.stringify([made, confirmed, again])
  expect(all).not.toContain('g1ven-s3cret')
  const env = await whs('env zendesk --show')
  expect(env.out).toContain('ZENDESK_ACME_WEBHOOK_SECRET=g1ven-s3cret\n')
  const tenant = await whs('tenants show acme', { tty: true })
  expect(tenant.out).toContain('01KB2ZVEMFGSF0Z4KFA4KJ4Y9N')
})

test('the provider’s id alone ends no wait for a secret, and comes later to a hook that has one', async () => {
  await add('zendesk')
  const id = (await whs('activations add zendesk --tenant acme --new-tenant')).records[0]?.id as string
  const named = await whs(`activations confirm ${id} --id 01KB2ZVEMFGSF0Z4KFA4KJ4Y9N`)
  expect(named.records).toMatchObject([{ state: 'pending', providerId: '01KB2ZVEMFGSF0Z4KFA4KJ4Y9N', secrets: [] }])
  const done = await whs(`activations confirm ${id} --secret -`, { stdin: 'g1ven\n' })
  expect(done.records).toMatchObject([{ state: 'made', secrets: [{ name: 'webhook' }], todo: null }])
  const other = (await whs('activations add zendesk --tenant globex --new-tenant --secret -', { stdin: 'x\n' }))
    .records[0]
  const later = await whs(`activations confirm ${other?.id as string} --id 01KB2ZVEMFGSF0Z4KFA4KJ4Y9P`)
  expect(later.records).toMatchObject([{ state: 'made', providerId: '01KB2ZVEMFGSF0Z4KFA4KJ4Y9P' }])
  const again = await whs(`activations confirm ${id} --id 01KB2ZVEMFGSF0Z4KFA4KJ4Y9Q`)
  expect(JSON.parse(again.err)).toMatchObject({ code: 'activation-complete' })
})

test('the id ends the wait of a hook that needs no secret', async () => {
  await add('mailchimp')
  await listenHere(home)
  const id = (await whs('activations add mailchimp --tenant acme --new-tenant')).records[0]?.id as string
  expect((await whs(`activations confirm ${id} --id 4cb2a1e8d0`)).records).toMatchObject([
    { state: 'made', todo: null },
  ])
})

test('a list of one tenant or app, with or without its own word', async () => {
  await add('zendesk')
  for (const tenant of ['acme', 'globex']) await whs(`activations add zendesk --tenant ${tenant} --new-tenant`)
  for (const line of ['activations --tenant acme --app zendesk', 'activations list --tenant acme --app zendesk']) {
    expect((await whs(line)).records).toMatchObject([{ tenant: 'acme' }])
  }
})

test('at a terminal the steps are numbered, and id and secret are asked for', async () => {
  await add('zendesk')
  const { ready } = await listenHere(home)
  const answers: [RegExp, string][] = [
    [/\(empty: later\)/, '01KB2ZVEMFGSF0Z4KFA4KJ4Y9N'],
    [/\(empty: later\)/, 'g1ven-s3cret'],
  ]
  const made = await whs('activations add zendesk --tenant acme --new-tenant', { tty: true, answers })
  expect(made.code).toBe(0)
  expect(made.out).toContain(`${zendesk.portal.callbackUrl.label}:  ${ready.url}/hooks/zendesk\n`)
  expect(made.out).toMatch(/\n {2}1 {2}.+\n/)
  expect(made.out).toMatch(/✓ act_\w+ has it\n$/)
  expect(made.out + made.err).not.toContain('g1ven-s3cret')
  expect((await whs('activations')).records).toMatchObject([{ state: 'made' }])
  const later = await whs('activations add zendesk --tenant globex --new-tenant', {
    tty: true,
    answers: [
      [/\(empty: later\)/, ''],
      [/\(empty: later\)/, ''],
    ],
  })
  expect(later.err).toContain('whs activations confirm act_')
  expect(later.out).toContain('is expected: act_')
  const whole = await whs('activations add zendesk --tenant initech --new-tenant --secret -', { stdin: 'x\n', ...text })
  expect(whole.out).toContain('a hook of initech (a new tenant) at zendesk is known: act_')
})

test('removing wants the id: typed, or by --confirm; what comes by it afterwards is refused', async () => {
  await add('zendesk')
  await whs('activations add zendesk --tenant acme --new-tenant --id 01KB2ZVEMFGSF0Z4KFA4KJ4Y9N --secret -', {
    stdin: 'x\n',
  })
  const [kept] = (await whs('activations')).records
  const id = String(kept?.id)
  const refused = await whs(`--yes activations remove ${id}`)
  expect(JSON.parse(refused.err)).toMatchObject({
    code: 'not-confirmed',
    next: `whs activations remove ${id} --confirm ${id}`,
  })
  const gone = await whs(`activations remove ${id.slice(-6)} --confirm ${id}`)
  expect(gone.records).toMatchObject([{ type: 'activation', id, state: 'gone' }])
  expect((await whs('activations', { tty: true })).out).toContain('No hook was made')
  expect(queryFile(home, 'SELECT * FROM secrets WHERE activation_id IS NOT NULL')).toEqual([])
})

test('a secret that the first request brings is shown once, at the terminal alone', async () => {
  await add('notion')
  const { ready } = await listenHere(home)
  let told = false
  const watch = (text: string): void => {
    if (told || !text.includes('is expected')) return
    told = true
    const body = JSON.stringify({ verification_token: 'secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl' })
    void fetch(`${ready.url}/hooks/notion`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  }
  const made = await whs('activations add notion', { tty: true, watch })
  expect(made.code).toBe(0)
  expect(made.out).toContain('secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl')
  expect((await whs('app list')).records).toMatchObject([{ secrets: [{ name: 'client' }, { name: 'webhook' }] }])
  expect((await whs('activations')).records).toMatchObject([{ state: 'made', tenant: null, todo: null }])
  expect((await whs('app show notion', { tty: true })).out).not.toContain('secret_tMrl')
  const again = await whs('activations add notion', { tty: true })
  expect(again).toMatchObject({ code: 2, out: '' })
  expect(again.err).toContain('error  notion has its Verification token already')
  expect(again.err).not.toContain('secret_tMrl')
  expect((await whs('activations')).records).toHaveLength(1)
})

test('Ctrl-C ends the wait for such a secret with 130', async () => {
  await add('notion')
  await listenHere(home)
  const watch = (text: string): void => {
    if (text.includes('is expected')) io.interrupt()
  }
  const io = testIo({ tty: true, env: { WHS_HOME: home, WHS_PORT: '0' }, watch })
  const code = await activationsAdd({ io, version: '0.0.0', demo: false, program: new Command() }, {}, 'notion')
  expect(code).toBe(130)
})

test('at a simulator the hook is made there, and one of a tenant without consent is refused', async () => {
  const world = await openCliWorld([mailchimp])
  await world.add('mailchimp')
  await listenHere(world.home)
  const early = await world.whs('activations add mailchimp --tenant acme --new-tenant')
  expect(JSON.parse(early.err)).toMatchObject({ code: 'hook-refused', exit: 10 })
  expect((await world.whs('activations')).records).toEqual([])
  const [company] = companiesOf(mailchimp)
  if (!company) throw new Error('no company')
  await world.connect('mailchimp', [company.name], `--no-activate --tenant acme ${flagsFor(mailchimp, company)}`)
  const made = await world.whs('activations add mailchimp --tenant acme --new-tenant')
  expect(made.records).toMatchObject([{ state: 'made', providerId: company.values.list, todo: null, steps: [] }])
  const hooks = (await (await fetch(`${world.simulator.base}/mailchimp/portal/hooks`)).json()) as { url: string }[]
  expect(hooks.map(({ url }) => url)).toEqual([made.records[0]?.url])
  const id = made.records[0]?.id as string
  await world.whs(`activations remove ${id} --confirm ${id}`)
  expect(await (await fetch(`${world.simulator.base}/mailchimp/portal/hooks`)).json()).toEqual([])
})
