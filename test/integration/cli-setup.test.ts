import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { openSetupDoor } from '../../src/cli/setup-door.ts'
import { hookSecret } from '../../src/core/hook-secret.ts'
import { dropbox } from '../../src/providers/dropbox.ts'
import { providers } from '../../src/providers/index.ts'
import { typeform } from '../../src/providers/typeform.ts'
import { openBrowser } from '../helpers/browser.ts'
import { type Company, companiesOf, flagsFor, openCliWorld } from '../helpers/cli-world.ts'
import { openConsentWorld } from '../helpers/consent-world.ts'
import { appHere, listenHere } from '../helpers/listener-here.ts'
import { cloudEvents, signature, token } from '../helpers/listening.ts'
import { tempHome } from '../helpers/temp-home.ts'
import { runCommand, type TestIoOptions, testIo } from '../helpers/test-io.ts'

let home: string
beforeEach(() => {
  home = tempHome()
})
const whs = (args: string, options: TestIoOptions = {}) => {
  const env = { WHS_HOME: home, WHS_PORT: '0', ...options.env }
  return runCommand(args.split(' '), { ...options, env })
}
const titles = (text: string): string[] => text.split('\n').filter(line => /^(\d|✓) /.test(line))

test('from nothing: the text alone, in the portal’s order and words', async () => {
  const { code, out } = await whs('setup quickbooks', { env: { WHS_PORT: '' } })
  expect(code).toBe(0)
  expect(titles(out)).toEqual([
    '1  Make an app at Intuit (https://developer.intuit.com/dashboard) and give whs its sandbox keys',
    '2  Let Intuit send people back here',
    '3  Say where events go',
    '4  Give whs the Verifier token, by which it knows that events are Intuit’s',
    '5  Let a company authorise your app',
    '6  Let something happen at Intuit, and see the first event',
  ])
  expect(out).toContain('   whs app add quickbooks --env sandbox\n')
  expect(out).toContain('   Redirect URI:  http://localhost:4400/oauth/callback/quickbooks\n')
  expect(out).toContain('   Endpoint URL:  not known before the door is open\n')
  expect(out).toContain('   - Client ID and Client Secret: My Hub > App dashboard > your app > Keys and credentials\n')
  expect(out).toContain('then Save: it may take up to 5 minutes until events come\n   whs listen')
  expect((await whs('setup quickbooks --print', { tty: true })).out).toContain('3  Say where events go')
})

test('what is done is one line, and values are ready to paste while a listener runs', async () => {
  await whs('app add quickbooks --client-id ABc1 --client-secret -', { stdin: 'c\n' })
  const { ready } = await listenHere(home)
  const { out } = await whs('setup quickbooks')
  expect(titles(out).map(title => title.slice(0, 1))).toEqual(['✓', '2', '3', '4', '5', '6'])
  expect(out).toContain(`   Redirect URI:  http://localhost:${new URL(ready.url).port}/oauth/callback/quickbooks\n`)
  expect(out).toContain(`   Endpoint URL:  ${ready.url}/hooks/quickbooks\n`)
})

test('a second environment becomes a second app, and its redirect must be public', async () => {
  await whs('app add quickbooks --client-id ABc1 --client-secret -', { stdin: 'c\n' })
  const { records } = await whs('--output json setup quickbooks --env production')
  expect(records).toMatchObject([
    {
      step: 'keys',
      app: 'quickbooks-production',
      command: 'whs app add quickbooks --app quickbooks-production --env production',
    },
    { step: 'redirect', fields: [{ label: 'Redirect URI', value: null }], command: 'whs listen' },
    ...['callback', 'secret', 'consent', 'delivery'].map(step => ({ type: 'step', step, done: false })),
  ])
})

test('an unknown name is no provider: exit 5', async () => {
  const { code, err } = await whs('setup quickboks')
  expect(code).toBe(5)
  expect(JSON.parse(err)).toMatchObject({ why: 'did you mean quickbooks?' })
})

test('a real app and no way in from outside: exit 3 before anything opens, and the keys are kept', async () => {
  const env = { XDG_CONFIG_HOME: home, HOME: home }
  const { code, err } = await whs('setup quickbooks', {
    tty: true,
    env,
    answers: [
      [/Client ID/, 'ABc1'],
      [/Client Secret/, 'c'],
    ],
  })
  expect(code).toBe(3)
  expect(err).toContain('NGROK_AUTHTOKEN')
  expect((await whs('app list')).records).toMatchObject([{ name: 'quickbooks', clientId: 'ABc1' }])
})

test('the walk asks for what is missing, and Ctrl-C keeps what was done', async () => {
  await listenHere(home)
  const enter: [RegExp, string] = [/Enter when it is saved/, '']
  const answers: [RegExp, string][] = [
    [/Client ID/, 'ABc1'],
    [/Client Secret/, 'cl1ent-s3cret'],
    enter,
    enter,
    [/Verifier token/, token],
    [/Whose is it/, '\u0003'],
  ]
  const { code, out, err } = await whs('setup quickbooks', { tty: true, answers })
  expect(code).toBe(130)
  expect(out).toMatch(/Endpoint URL: {2}http:\/\/localhost:\d+\/hooks\/quickbooks\n/)
  expect(out + err).not.toContain(token)
  const { records } = await whs('app list')
  expect(records).toMatchObject([{ clientId: 'ABc1', secrets: [{ name: 'client' }, { name: 'webhook' }] }])
})

test('with all keys and a consent it opens the door, waits, and ends with the first delivery that verifies', async () => {
  const world = await openConsentWorld()
  onTestFinished(() => world.close())
  const { url } = await world.makeLink({ tenants: [{ tenant: 'acme', account: null }] })
  expect((await openBrowser().post(url)).text).toContain('is connected')
  home = world.home
  await whs('app set qbo --webhook-secret -', { stdin: `${token}\n` })
  let sent = 0
  const body = cloudEvents(['9341453900000001234'])
  const { code, out, err } = await whs('setup qbo', {
    tty: true,
    watch(written) {
      const door = /the door is open: (\S+)/.exec(written)?.[1]
      if (sent === 0 && written.includes('waiting for the first')) void send(`${door}/hooks/qbo`, 'Zm9yZ2Vk')
      if (sent === 1 && written.includes('wrong-secret')) void send(`${door}/hooks/qbo`, signature(body))
    },
  })
  function send(to: string, signed: string): Promise<unknown> {
    sent++
    return fetch(to, { method: 'POST', headers: { 'intuit-signature': signed }, body })
  }
  expect(code).toBe(0)
  expect(titles(out).map(title => title.slice(0, 1))).toEqual(['✓', '✓', '✓', '✓', '✓', '✓', '6', '✓'])
  expect(err).toMatch(/rejected {2}\S{6} {2}wrong-secret: /)
  expect(out).toMatch(/✓ {2}received and verified: invoice.updated {2}Invoice 130 {2}\S{6} {2}for acme\n/)
  expect(out).toContain(
    'Everything is done. Events to your handler:  whs listen --forward 3000\nthe one that came:  whs replay last --to 3000\n',
  )
  expect((await whs('status')).records[0]).toMatchObject({ listener: null, open: 0, parked: [] })
})

test.each(providers.map(one => [one.id, one] as const))(
  '%s: the steps of its portal, whole and in order',
  async (id, definition) => {
    const { code, out } = await whs(`setup ${id}`, { env: { WHS_PORT: '' } })
    expect(code).toBe(0)
    const { portal, secrets, activation, settings = {} } = definition
    const { api, by } = activation
    const isByCall = by === 'api' && JSON.stringify(api?.create ?? '').includes('{callback}')
    const ofHook = api ? hookSecret(definition) : null
    for (const { label, where } of [portal.redirectUri, ...(isByCall ? [] : [portal.callbackUrl])]) {
      if (!activation.keyed || label === portal.redirectUri.label) expect(out).toContain(`   ${label}:  `)
      expect(out.replaceAll(/\n +/g, ' ')).toContain(where)
    }
    const joined = out.replaceAll(/\n +/g, ' ')
    for (const [name, { label, optional }] of Object.entries({ ...secrets, ...settings })) {
      if (!optional && name !== ofHook) expect(joined).toContain(label)
    }
    for (const note of portal.events) expect(joined).toContain(note)
    for (const step of isByCall ? [] : activation.steps) {
      for (const piece of step.split('{callback}')) expect(joined).toContain(piece.trim().replaceAll(/\s+/g, ' '))
    }
    const notes = [...portal.events, ...activation.steps]
    expect(new Set(notes).size, 'each thing is said once').toBe(notes.length)
    const [shared, own] = api ? ['Have the hook made', 'Have a hook made'] : ['Say where events go', 'Make a hook']
    const isShared = (api?.per ?? activation.per) === 'app'
    const order = isShared ? [shared, ' authorise your app'] : [' authorise your app', own]
    expect(order.map(text => out.indexOf(text)).every((at, index, all) => at > (all[index - 1] ?? 0))).toBe(true)
    expect(out).not.toMatch(/\{callback\}|undefined|\[object/)
  },
)

test.each([
  ['xero', 'Give whs the Webhooks key', 'press "Send intent to receive" while'],
  ['notion', 'Take the Verification token', 'press "Verify"'],
] as const)('%s: whs has the secret before the portal tests with it', async (id, secret, tested) => {
  const out = (await whs(`setup ${id}`)).out.replaceAll(/\n +/g, ' ')
  expect(out.indexOf(secret)).toBeGreaterThan(out.indexOf('Say where events go'))
  expect(out.indexOf(tested)).toBeGreaterThan(out.indexOf(secret))
})

test('keys are named with their places, and one that serves twice is asked for once', async () => {
  const out = (await whs('setup twilio')).out.replaceAll(/\n +/g, ' ')
  expect(out).toContain('Connect App SID: Console > Account > Connect Apps')
  expect(out.match(/Auth Token: Console/g)).toHaveLength(1)
  const { err } = await whs('app add twilio --client-id AC1 --set connectApp=CN1')
  expect(JSON.parse(err).why).toBe(
    'it must be CN and 32 hex digits; found at Console > Account > Connect Apps > your Connect App',
  )
})

test('hooks of tenants: the walk makes the first one, and ends with its delivery', async () => {
  const world = await openCliWorld([typeform])
  await world.add('typeform')
  await listenHere(world.home)
  const [company] = companiesOf(typeform) as [Company]
  await world.connect('typeform', [company.name], `--no-activate --tenant acme ${flagsFor(typeform, company)}`)
  let sent = false
  const watch = (text: string): void => {
    if (sent || !text.includes('waiting for the first verified delivery')) return
    sent = true
    void world.change('typeform', { account: company.name, event: 'form_response' })
  }
  const answers: [RegExp, string][] = [[/For which form of acme/, '']]
  const { code, out } = await world.whs('setup typeform', { tty: true, answers, watch })
  expect(code).toBe(0)
  expect(out).toMatch(/\n[45] {2}Have a hook made for each form\n/)
  expect(out).toMatch(/\n✓ acme at typeform, form \w+ {2}made {2}act_/)
  expect(out).toMatch(/received and verified: .* for acme/)
})

test('a secret that the first request brings: the walk waits for it and shows it once', async () => {
  await whs('app add notion --client-id c1 --client-secret -', { stdin: 'c\n' })
  const { ready } = await listenHere(home)
  let told = false
  const watch = (text: string): void => {
    if (told || !text.includes('which comes to whs by itself')) return
    told = true
    const body = JSON.stringify({ verification_token: 'secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl' })
    void fetch(`${ready.url}/hooks/notion`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  }
  const enter: [RegExp, string] = [/Enter when it is saved/, '']
  const answers: [RegExp, string][] = [enter, enter, enter, [/Whose is it/, '\u0003']]
  const { code, out } = await whs('setup notion', { tty: true, answers, watch })
  expect(code).toBe(130)
  expect(out.match(/secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl/g)).toHaveLength(1)
  const again = await whs('setup notion')
  expect(again.out).toContain('✓ 4  Take the Verification token')
  expect(again.out).not.toContain('secret_tMrl')
})

test('the provider’s test of the URL ends the wait until it is saved', async () => {
  const world = await openCliWorld([dropbox])
  await world.add('dropbox')
  const io = testIo({ tty: true, env: { WHS_HOME: world.home, WHS_PORT: '0' } })
  const door = await openSetupDoor(io, appHere(world.home))
  onTestFinished(async () => void (await door.session?.stop('the test is over')))
  const waiting = door.untilSaved(kind => kind === 'challenge')
  expect((await fetch(`${door.session?.ready.url}/hooks/dropbox?challenge=abc`)).status).toBe(200)
  await waiting
  expect(io.ran(0).out).toMatch(/✓ {2}received: dropbox’s \S+ passed\n/)
})
