import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { listenHere } from '../helpers/listener-here.ts'
import { cloudEvents, deliver } from '../helpers/listening.ts'
import { startSimulated } from '../helpers/simulated.ts'
import { queryFile, tempHome } from '../helpers/temp-home.ts'
import { runCommand, type TestIoOptions } from '../helpers/test-io.ts'

let home: string
beforeEach(() => {
  home = tempHome()
})
const whs = (args: string, options: TestIoOptions = {}) =>
  runCommand(args.split(' '), { ...options, env: { WHS_HOME: home, ...options.env } })
const add = (more = '', options: TestIoOptions = {}) =>
  whs(`app add quickbooks --client-id ABc1 --client-secret -${more}`, { stdin: 'cl1ent-s3cret\n', ...options })

test('an app is stored from flags and stdin; what is shown of a secret is its fingerprint', async () => {
  const added = await add()
  expect(added.code).toBe(0)
  expect(added.records).toMatchObject([
    { type: 'app', name: 'quickbooks', provider: 'quickbooks', env: 'sandbox', clientId: 'ABc1', callbackUrl: null },
  ])
  expect(added.records[0]?.redirectUri).toBe('http://localhost:4400/oauth/callback/quickbooks')
  const shown = await whs('app show quickbooks', { tty: true })
  expect(shown.out).toContain('Client ID       ABc1')
  expect(shown.out).toMatch(/Client Secret +key [0-9a-f]{8}, since/)
  expect(shown.out).toContain('Verifier token  not set yet: whs app set quickbooks --webhook-secret -')
  const listed = await whs('app list', { tty: true })
  expect(listed.out).toBe('quickbooks  QuickBooks Online, sandbox  0 tenants  lacks: Verifier token\n')
  for (const { out, err } of [added, shown, listed]) expect(out + err).not.toContain('cl1ent-s3cret')
  const files = readdirSync(home)
  expect(files).toContain('whs.db')
  for (const file of files) expect(readFileSync(join(home, file)).includes('cl1ent-s3cret')).toBe(false)
})

test('at a terminal what is missing is asked for, with its place in the portal', async () => {
  const { code, err, out } = await whs('app add quickbooks', {
    tty: true,
    answers: [
      [/Client ID/, ' ABc1 '],
      [/Client Secret/, 'cl1ent-s3cret'],
    ],
  })
  expect(code).toBe(0)
  expect(err).toContain('My Hub > App dashboard > your app > Keys and credentials')
  expect(err).toContain('next   whs setup quickbooks')
  expect(out).toMatch(/^✓ quickbooks is stored\nquickbooks {2}QuickBooks Online, sandbox\n {2}Client ID +ABc1\n/)
  expect(err + out).not.toContain('cl1ent-s3cret')
})

test('where nobody can be asked the error names flag, variable and place', async () => {
  for (const options of [{}, { tty: true }]) {
    const { code, err } = await whs('--yes --output json app add quickbooks --app qbo-live --env production', options)
    expect(code).toBe(2)
    expect(JSON.parse(err)).toMatchObject({
      code: 'app-incomplete',
      why: 'found in the portal: My Hub > App dashboard > your app > Keys and credentials',
      next: 'whs app add quickbooks --app qbo-live --env production --client-id <id> --client-secret -   (or set WHS_QBO_LIVE_CLIENT_ID and WHS_QBO_LIVE_CLIENT_SECRET)',
    })
  }
})

test('the environment answers, also for the webhook secret, and wins over what is stored', async () => {
  const env = { WHS_QBO_CLIENT_ID: 'fromEnv', WHS_QBO_CLIENT_SECRET: 'c', WHS_QBO_WEBHOOK_SECRET: 'w' }
  const added = await whs('app add quickbooks --app qbo --yes', { env })
  expect(added.records[0]).toMatchObject({ clientId: 'fromEnv', secrets: [{ name: 'client' }, { name: 'webhook' }] })
  const changed = { WHS_QBO_WEBHOOK_SECRET: 'another' }
  const shown = await whs('app show qbo', { tty: true, env: changed })
  expect(shown.out).toContain('from WHS_QBO_WEBHOOK_SECRET, which wins over what is stored')
})

test('a name that is there is refused before anything is asked', async () => {
  await add()
  const again = await whs('app add quickbooks', { tty: true })
  expect(again.code).toBe(2)
  expect(again.err).toMatch(/there already\n.*\nnext {3}whs app set quickbooks\n$/)
})

test.each([
  ['app add quickboks', 5, 'unknown-provider', 'did you mean quickbooks?'],
  ['app add quickbooks --app Bad_Name', 2, 'bad-app-name', 'small letters'],
  ['app add quickbooks --app whs', 2, 'bad-app-name', 'environment variables'],
  ['app add quickbooks --host tokn=https://x.test', 2, 'bad-host-role', 'did you mean token?'],
  ['app add quickbooks --host constructor=https://x.test', 2, 'bad-host-role', 'known: authorize'],
  ['app add quickbooks --host token=http://x.test', 2, 'bad-host', 'https'],
  ['app add quickbooks --host simulator=http://127.0.0.1:1', 2, 'bad-host-role', 'known'],
  ['app add quickbooks --set colour=red', 2, 'bad-setting', 'known: callback'],
  ['app add quickbooks --set callback=http://x.test/hooks', 2, 'bad-setting', 'https://'],
  ['app add quickbooks --set callback', 2, 'bad-setting', '<name>=<value>'],
  ['app add quickbooks --client-secret hunter2', 2, 'secret-in-argv', 'history'],
  ['app set quickbooks --client-id x', 3, 'no-app', 'client id'],
  ['app show quickbooks', 3, 'no-app', 'client id'],
] as const)('%s: exit %i', async (line, code, name, why) => {
  const { code: exit, err } = await whs(line)
  expect(exit).toBe(code)
  expect(JSON.parse(err)).toMatchObject({ code: name, why: expect.stringContaining(why) })
  expect(err).not.toContain('hunter2')
})

test('a host of another place is kept and shown', async () => {
  await add(' --host token=https://proxy.example.test')
  const shown = await whs('app show quickbooks', { tty: true })
  expect(shown.out).toContain('host token      https://proxy.example.test')
})

test('a simulator gives keys and webhook secret by itself, and is told the redirect URI', async () => {
  const simulator = await startSimulated()
  onTestFinished(() => simulator.close())
  const added = await whs(`app add quickbooks --env simulator --host simulator=${simulator.base}/ --yes`)
  expect(added.records[0]).toMatchObject({ env: 'simulator', settings: { simulator: simulator.base } })
  expect(added.records[0]?.secrets).toMatchObject([{ name: 'client' }, { name: 'webhook' }])
  expect(added.records[0]?.hosts).toEqual(simulator.hosts(quickbooks))
  const { body } = await simulator.json('GET', `/portal/apps/${added.records[0]?.clientId as string}`)
  expect(body).toMatchObject({ redirectUris: ['http://localhost:4400/oauth/callback/quickbooks'] })
  const moved = await whs('app set quickbooks --host simulator=http://127.0.0.1:9999')
  expect(moved.records[0]).toMatchObject({
    settings: { simulator: 'http://127.0.0.1:9999' },
    hosts: { token: 'http://127.0.0.1:9999/quickbooks/token' },
  })
})

test('a simulator that does not run: exit 3 and how to start it', async () => {
  const { code, err } = await whs('app add quickbooks --env simulator --host simulator=http://127.0.0.1:9')
  expect(code).toBe(3)
  expect(JSON.parse(err)).toMatchObject({ code: 'no-simulator', next: expect.stringContaining('whs simulate') })
})

test('a new webhook secret takes in what was kept for want of it, and leaves what is still wrong', async () => {
  await add()
  const session = await listenHere(home)
  const good = cloudEvents(['1'])
  expect((await deliver(session.ready.url, good)).status).toBe(503)
  expect((await deliver(session.ready.url, good, 'c2lnbmVkIGJ5IGFub3RoZXI=')).status).toBe(503)
  const set = await whs('app set quickbooks --webhook-secret -', { stdin: 'e2e-verifier-token-5c0de\n' })
  expect(set.records[0]).toMatchObject({ rechecked: { taken: 1, left: 1 } })
  expect(queryFile(home, 'SELECT status FROM deliveries')).toEqual([{ status: 503 }])
  const again = await whs('app set quickbooks --webhook-secret -', { stdin: 'other\n', env: { WHS_OUTPUT: 'text' } })
  expect(again.out).toContain('Of the kept deliveries none verifies now; 1 still does not verify')
  expect(again.out).toMatch(/Verifier token +key [0-9a-f]{8}, since .*; key .*, replaced, valid until/)
  expect((await deliver(session.ready.url, cloudEvents(['1']))).status).toBe(200)
})

test('set without anything to set, and a wrong duration, are refused', async () => {
  await add()
  expect(JSON.parse((await whs('app set quickbooks')).err)).toMatchObject({ code: 'nothing-to-set', exit: 2 })
  expect(JSON.parse((await whs('app set quickbooks --keep-old soon')).err)).toMatchObject({ code: 'bad-duration' })
})

test('while a listener runs, its addresses are shown', async () => {
  await add()
  const { ready } = await listenHere(home)
  const { records } = await whs('app list')
  const port = new URL(ready.url).port
  expect(records).toMatchObject([
    {
      callbackUrl: `${ready.url}/hooks/quickbooks`,
      redirectUri: `http://localhost:${port}/oauth/callback/quickbooks`,
    },
  ])
})

test('removing wants the name: typed, or by --confirm, never by --yes', async () => {
  await add()
  for (const line of ['app remove quickbooks', '--yes app remove quickbooks', 'app remove quickbooks --confirm qbo']) {
    const refused = await whs(line)
    expect(refused.code).toBe(2)
    expect(JSON.parse(refused.err)).toMatchObject({
      code: 'not-confirmed',
      next: 'whs app remove quickbooks --confirm quickbooks',
    })
  }
  const unsure = await whs('app remove quickbooks', { tty: true, answers: [[/Type quickbooks/, 'yes']] })
  expect(unsure.code).toBe(2)
  expect((await whs('app list')).records).toHaveLength(1)
  const sure = await whs('app remove quickbooks', { tty: true, answers: [[/Type quickbooks/, 'quickbooks']] })
  expect(sure).toMatchObject({ code: 0, out: '✓ quickbooks is removed, with 0 deliveries\n' })
  await add()
  expect((await whs('app remove quickbooks --confirm quickbooks')).records).toMatchObject([{ type: 'removed' }])
  expect((await whs('app list', { tty: true })).out).toContain('No app is set up yet')
})

test('a reader that goes away ends a list quietly', async () => {
  await add()
  await add(' --app two')
  expect(await whs('app list', { readsLines: 1 })).toMatchObject({ code: 0, err: '' })
})

test('what is a tenant’s own, or an environment that is not set up, is said with the command', async () => {
  const shop = await whs('app add shopify --set shop=acme --client-id c1 --client-secret -', { stdin: 's\n' })
  expect(JSON.parse(shop.err)).toMatchObject({
    code: 'bad-setting',
    exit: 2,
    next: expect.stringMatching(/^whs connect shopify --set shop=\S+$/),
  })
  await add()
  const live = await whs('connect quickbooks --env production')
  expect(JSON.parse(live.err)).toMatchObject({
    code: 'no-app',
    what: 'quickbooks is not set up for production yet',
    next: 'whs setup quickbooks --env production',
  })
})

test('an empty variable says nothing, and what is proposed fits the provider', async () => {
  await add()
  const shown = await whs('app show quickbooks', { env: { WHS_QUICKBOOKS_CLIENT_ID: '' } })
  expect(shown.records).toMatchObject([{ clientId: 'ABc1' }])
  await whs('app add hubspot --client-id c1 --client-secret - --yes', { stdin: 's3cret\n' })
  for (const [app, flag] of [
    ['quickbooks', '--webhook-secret -'],
    ['hubspot', '--client-secret -'],
  ]) {
    const { err } = await whs(`app set ${app}`)
    expect(JSON.parse(err)).toMatchObject({ code: 'nothing-to-set', next: `whs app set ${app} ${flag}` })
  }
})
