import { beforeEach, expect, test } from 'vitest'
import { tempHome } from '../helpers/temp-home.ts'
import { runCommand, type TestIoOptions } from '../helpers/test-io.ts'

let home: string
beforeEach(() => {
  home = tempHome()
})
const whs = (args: string, options: TestIoOptions = {}) =>
  runCommand(args.split(' '), { ...options, env: { WHS_HOME: home, ...options.env } })
const add = (more = '', options: TestIoOptions = {}) =>
  whs(`app add quickbooks --client-id ABc1 --client-secret -${more}`, { stdin: 'cl1ent-s3cret\n', ...options })

const secretIn = { stdin: 's3cret\n' }

test('settings: by flag, environment or default, held to their pattern, and asked for where they are missing', async () => {
  const line = 'app add bigcommerce --client-id c --client-secret -'
  const lacking = await whs(line, secretIn)
  expect(JSON.parse(lacking.err)).toMatchObject({
    code: 'app-incomplete',
    next: expect.stringContaining('--set accountUuid=<value>   (or set WHS_BIGCOMMERCE_ACCOUNT_UUID)'),
  })
  const wrong = await whs(`${line} --set accountUuid=1`, secretIn)
  expect(JSON.parse(wrong.err)).toMatchObject({ code: 'bad-setting', exit: 2 })
  const bad = await whs(line, { ...secretIn, env: { WHS_BIGCOMMERCE_ACCOUNT_UUID: '1' } })
  expect(JSON.parse(bad.err)).toMatchObject({
    code: 'bad-setting',
    what: 'the setting accountUuid of bigcommerce cannot be used',
  })
  const uuid = '0a6f0c1e-0000-4000-8000-00000000c0de'
  const added = await whs(line, { ...secretIn, env: { WHS_BIGCOMMERCE_ACCOUNT_UUID: uuid } })
  expect(added.records[0]).toMatchObject({ settings: { accountUuid: uuid } })
  const other = uuid.replace('0a', '0b')
  const shown = await whs('app show bigcommerce', { env: { WHS_BIGCOMMERCE_ACCOUNT_UUID: other } })
  expect(shown.records[0]).toMatchObject({ settings: { accountUuid: other } })
  const graph = await whs('app add microsoft-graph --yes --client-id c --client-secret -', secretIn)
  expect(graph.records[0]).toMatchObject({ settings: { directory: 'common' } })
  const set = await whs('app set microsoft-graph --set directory=organizations')
  expect(set.records[0]).toMatchObject({ settings: { directory: 'organizations' } })
})

test('at a terminal settings are asked for, and what is optional may be left out', async () => {
  const answers: [RegExp, string][] = [
    [/Client ID/, 'c1'],
    [/Service account/, 'push@my-project.iam.gserviceaccount.com'],
    [/Topic name/, 'projects/my-project/topics/mail'],
    [/Audience/, ''],
    [/Client secret/i, 's3cret'],
  ]
  const { code, err } = await whs('app add gmail', { tty: true, answers })
  expect(code).toBe(0)
  expect(err).not.toContain('s3cret')
  const [app] = (await whs('app list')).records
  expect(app?.settings).toEqual({
    serviceAccount: 'push@my-project.iam.gserviceaccount.com',
    topic: 'projects/my-project/topics/mail',
  })
})

test('a secret of any name comes by --secret or its variable; an optional one is no lack', async () => {
  const line = 'app add whatsapp --set config=123456 --client-id c --client-secret -'
  const lacking = await whs(line, secretIn)
  expect(JSON.parse(lacking.err).next).toContain('--secret verify=-   (or set WHS_WHATSAPP_VERIFY_SECRET)')
  const added = await whs(`${line} --secret verify=-`, { stdin: 's3cret\nv3rify\n' })
  expect(added.records[0]).toMatchObject({ secrets: [{ name: 'client' }, { name: 'verify' }] })
  const byEnv = await whs(`${line} --app wa-two`, { ...secretIn, env: { WHS_WA_TWO_VERIFY_SECRET: 'v3rify' } })
  expect(byEnv.records[0]?.secrets).toMatchObject([{ name: 'client' }, { name: 'verify' }])
  await whs('app add microsoft-graph --yes --client-id c --client-secret -', secretIn)
  const listed = await whs('app list', { tty: true })
  expect(listed.out).not.toContain('lacks')
  expect((await whs('doctor')).records).toContainEqual(
    expect.objectContaining({
      name: 'app microsoft-graph',
      level: 'warning',
      detail: expect.stringContaining('no callback URL'),
    }),
  )
})

test('another callback URL is what signatures are checked against, until it is taken back', async () => {
  await add()
  const set = await whs('app set quickbooks --set callback=https://hooks.example.com/whs/')
  expect(set.records[0]).toMatchObject({ settings: { callback: 'https://hooks.example.com/whs' } })
  expect((await whs('setup quickbooks')).out).toContain('Endpoint URL:  https://hooks.example.com/whs\n')
  const back = await whs('app set quickbooks --set callback=')
  expect(back.records[0]?.settings).toEqual({})
})
