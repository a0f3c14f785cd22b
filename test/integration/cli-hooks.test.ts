import { beforeEach, expect, test } from 'vitest'
import { tempHome } from '../helpers/temp-home.ts'
import { runCommand, type TestIoOptions } from '../helpers/test-io.ts'

let home: string
beforeEach(() => {
  home = tempHome()
})
const whs = (args: string, options: TestIoOptions = {}) =>
  runCommand(args.split(' '), { ...options, env: { WHS_HOME: home, WHS_PORT: '0', ...options.env } })
const add = (provider: string) =>
  whs(`app add ${provider} --env production --client-id c1 --client-secret - --yes`, { stdin: 's3cret\n' })

test('a tenant that is not there is a slip unless somebody says that it is new, and nothing is kept after an error', async () => {
  await add('zendesk')
  await whs('activations add zendesk --tenant acme --new-tenant')
  const slip = await whs('activations add zendesk --tenant acmee')
  expect(slip.code).toBe(5)
  expect(JSON.parse(slip.err)).toMatchObject({
    code: 'no-tenant',
    why: 'did you mean acme?',
    next: 'whs activations add zendesk --tenant acmee --new-tenant',
  })
  const answers: [RegExp, string][] = [[/no tenant acmee/, 'n']]
  expect((await whs('activations add zendesk --tenant acmee', { tty: true, answers })).code).toBe(5)
  expect((await whs('tenants')).records.map(({ id }) => id)).toEqual(['acme'])
  const another = await whs('activations add zendesk --tenant acme')
  expect(another.err).toContain('note   acme has 1 hook at zendesk already (act_')
})

test('a secret that its maker chooses is asked for, or named where nobody can be', async () => {
  await add('typeform')
  await whs('tenants map acme --app typeform --account u1')
  const missing = await whs('activations add typeform --tenant acme --resource moe6aa')
  expect(missing.code).toBe(2)
  const line = 'whs activations add typeform --tenant acme --resource moe6aa --secret -'
  expect(JSON.parse(missing.err)).toMatchObject({ code: 'hook-needs-secret', next: `printf %s "$SECRET" | ${line}` })
  const empty = await whs(line.slice(4))
  expect(JSON.parse(empty.err)).toMatchObject({ code: 'secret-missing', next: expect.stringContaining(`| ${line}`) })
  expect((await whs('activations')).records).toEqual([])
  const answers: [RegExp, string][] = [
    [/Secret \(choose it yourself, long and random, and give Typeform the same\)/, 'ch0sen'],
  ]
  const made = await whs('activations add typeform --tenant acme --resource moe6aa', { tty: true, answers })
  expect(made.code).toBe(0)
  expect(made.out + made.err).not.toContain('ch0sen')
  expect((await whs('activations')).records).toMatchObject([{ secrets: [{ name: 'webhook' }] }])
  expect((await whs('tenants show acme', { tty: true })).out).toContain('mapped by hand')
  const twice = await whs('activations add typeform --tenant acme --resource moe6aa --secret -', { stdin: 'x\n' })
  expect(JSON.parse(twice.err)).toMatchObject({ code: 'activation-exists', exit: 2 })
})

test('a hook that works without a secret is given one later, once', async () => {
  await add('docusign')
  const made = await whs('activations add docusign --tenant acme --new-tenant')
  const id = made.records[0]?.id as string
  expect(made.records).toMatchObject([{ state: 'made', secrets: [] }])
  const given = await whs(`activations confirm ${id} --secret -`, { stdin: 'h-m-a-c\n' })
  expect(given.records).toMatchObject([{ state: 'made', secrets: [{ name: 'webhook' }] }])
  expect((await whs(`activations confirm ${id} --secret -`, { stdin: 'other\n' })).code).toBe(2)
  expect((await whs('tenants show acme', { tty: true })).out).not.toContain('by consent')
})

test('one hook for the whole app that waits for its first request is kept once', async () => {
  await add('notion')
  const [first] = (await whs('activations add notion')).records
  expect((await whs('activations add notion')).records).toMatchObject([{ id: first?.id, state: 'pending' }])
  expect((await whs('activations')).records).toHaveLength(1)
})

test('the list is straight, and fits the terminal', async () => {
  await add('zendesk')
  await add('docusign')
  await whs('activations add zendesk --tenant acme --new-tenant')
  await whs('activations add docusign --tenant globex-limited --new-tenant')
  const { out } = await whs('activations', { tty: true, columns: 80 })
  const heads = out.split('\n').filter(line => /^\w{6} /.test(line))
  expect(new Set(heads.map(line => line.search(/pending|made/))).size).toBe(1)
  for (const line of out.split('\n')) if (!line.includes('http')) expect(line.length).toBeLessThanOrEqual(80)
})

test('a hook whose secret nobody can type waits for the provider alone', async () => {
  await add('notion')
  const [made] = (await whs('activations add notion')).records
  expect(made).toMatchObject({ state: 'pending', todo: 'it waits for the first request of the provider' })
})
