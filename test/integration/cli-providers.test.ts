import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { template } from '../../src/providers/_template.ts'
import { providers } from '../../src/providers/index.ts'
import { myCrm } from '../helpers/my-crm.ts'
import { queryFile, tempHome } from '../helpers/temp-home.ts'
import { runCommand, type TestIoOptions } from '../helpers/test-io.ts'

let home: string
let cwd: string
beforeEach(() => {
  home = join(tempHome(), 'data')
  cwd = tempHome()
})
const whs = (args: string, options: TestIoOptions = {}) =>
  runCommand(args.split(' '), { cwd, ...options, env: { WHS_HOME: home, WHS_PORT: '0', ...options.env } })
const write = (changes: object = {}, name = 'my-crm.json'): void =>
  writeFileSync(join(cwd, name), JSON.stringify({ ...myCrm, ...changes }))
const addApp = (more = '') => whs(`app add my-crm --client-id c1 --client-secret -${more}`, { stdin: 's3cret\n' })

test('a table on a terminal, a record each in a pipe, and no store is made for it', async () => {
  const shown = await whs('providers', { tty: true, columns: 160 })
  const [head, ...rows] = shown.out.trimEnd().split('\n')
  expect(head).toMatch(/^provider +name +account +verified by +hooks +checked$/)
  expect(rows.map(row => row.split(' ')[0])).toEqual(providers.map(({ id }) => id))
  const middle = await whs('providers', { tty: true, columns: 100 })
  for (const line of middle.out.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  const narrow = await whs('providers', { tty: true, columns: 70 })
  for (const line of narrow.out.trimEnd().split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  const { records } = await whs('providers list')
  expect(records).toMatchObject(providers.map(({ id, name }) => ({ type: 'provider', id, name, custom: false })))
  expect(records[0]).toMatchObject({ account: 'realmId', signature: 'HMAC-SHA256', activation: 'one per app, by hand' })
  expect(records[0]?.feeds).toEqual([{ name: 'cdc', use: ['catch-up'] }])
  expect(records[0]).toMatchObject({ records: expect.arrayContaining(['invoice', 'customer']), resolves: [] })
  expect(() => readFileSync(join(home, 'whs.db'))).toThrow('ENOENT')
})

test.each(providers.map(one => [one.id, one] as const))('%s is shown whole, in sections', async (id, definition) => {
  const { code, out } = await whs(`providers show ${id}`, { tty: true, columns: 100 })
  expect(code).toBe(0)
  for (const title of ['App', 'Consent', 'Accounts', 'Hooks', 'Verification', 'Delivery', 'Answer', 'How sure']) {
    expect(out).toContain(`\n${title}\n`)
  }
  for (const { name } of definition.feeds ?? []) expect(out).toMatch(new RegExp(`\nFeeds\n[^]*\n? {2}${name} `))
  const { record = [], resolve = [] } = definition
  expect(out.includes('\nAsked\n')).toBe(record.length + resolve.length > 0)
  for (const { name } of resolve) expect(out).toContain(`whose a ${name} is`)
  expect(out).not.toMatch(/undefined|\[object|(?<!!= )\bnull\b/)
  for (const { word } of definition.accounts) {
    expect(out).toContain(word)
    // It stands before a value, in lines of its own and of others.
    expect(word.length).toBeLessThanOrEqual(30)
  }
  expect((await whs(`providers show ${id}`)).records).toMatchObject([{ type: 'provider', id }])
})

test('from nothing to an app of a definition of one’s own', async () => {
  const made = await whs('providers new my-crm', { tty: true })
  expect(made.out).toContain(`${join(cwd, 'my-crm.json')}: a whole definition`)
  expect(made.err).toContain('next   whs providers check my-crm.json')
  const [checked] = (await whs('providers check my-crm.json')).records
  expect(checked).toMatchObject({ id: 'my-crm', ok: false, more: false })
  expect(checked?.faults).toEqual([
    'name: Example is a placeholder: here belongs the provider’s name',
    'company: Example Inc. is a placeholder: here belongs who runs the provider, as said in sentences',
    ...['oauth', 'webhooks'].map(
      name =>
        `docs.${name}: https://docs.example.com/${name} is a placeholder: here belongs the provider’s own page about it`,
    ),
    'docs.portal: https://app.example.com/developers is a placeholder: here belongs the page where an app is made',
    'checked.on: 2026-01-01 is a placeholder: here belongs the day on which you read these facts',
    expect.stringContaining('checked.witness: the vector on the webhooks page is a placeholder'),
    'hosts.production.authorize: https://app.example.com is a placeholder: here belongs the provider’s own host',
    'hosts.production.api: https://api.example.com is a placeholder: here belongs the provider’s own host',
    expect.stringContaining('webhook.verify.0.header.names.0: x-example-signature is a placeholder'),
  ])
  expect(JSON.parse((await whs('providers add my-crm.json')).err)).toMatchObject({ code: 'bad-definition' })
  write()
  expect((await whs('providers check my-crm.json')).records).toMatchObject([{ id: 'my-crm', ok: true, faults: [] }])
  const added = await whs('providers add my-crm.json', { tty: true })
  expect(added.out).toBe('✓ my-crm (My CRM) is known now\n')
  expect((await whs('providers add my-crm.json')).records).toMatchObject([
    { id: 'my-crm', custom: true, state: 'same' },
  ])
  const { records } = await whs('providers')
  expect(records.at(-1)).toMatchObject({ id: 'my-crm', custom: true, account: 'accountId' })
  expect((await addApp()).records).toMatchObject([{ name: 'my-crm', provider: 'my-crm', env: 'production' }])
  const mapped = await whs('tenants map acme --app my-crm --account abc', { tty: true })
  expect(mapped.out).toContain('accountId abc belongs to acme')
  expect((await whs('setup my-crm')).out).toContain('Make an app at My CRM Inc.')
  expect((await whs('doctor')).records).toContainEqual(
    expect.objectContaining({ name: 'app my-crm', level: 'warning' }),
  )
})

test('what is wrong is said field by field: the place, what is wrong, what would be right', async () => {
  write({ webhok: {}, oauth: { ...template.oauth, pkce: 'plain' }, accounts: [] })
  const { code, records, err } = await whs('providers check my-crm.json')
  expect(code).toBe(2)
  expect(records).toMatchObject([{ type: 'provider-check', ok: false }])
  expect(records[0]?.faults).toEqual([
    'oauth.pkce: it must be "S256" or "none"',
    'webhok: there is no such field; did you mean webhook?',
  ])
  expect(err).toBe('2 to mend in my-crm.json; more is checked once these are mended\n')
  write({ checked: { ...myCrm.checked, on: '2026-13-45' } })
  expect((await whs('providers check my-crm.json')).records[0]?.faults).toEqual([
    'checked.on: it is no date such as 2026-01-31',
  ])
  write({ accounts: [] })
  expect((await whs('providers check my-crm.json', { tty: true })).out).toContain(
    'fault  accounts: it has no account kind',
  )
  const added = await whs('providers add my-crm.json')
  expect(JSON.parse(added.err)).toMatchObject({ code: 'bad-definition', next: 'whs providers check my-crm.json' })
})

test.each([
  ['not JSON', '{', 'it is no JSON'],
  ['a list', '[]', 'it is no JSON object'],
  ['a known id', JSON.stringify({ ...template, id: 'quickbooks' }), 'which whs knows itself'],
  ['a control character', JSON.stringify({ ...template, id: 'x', company: 'A\u001b[2J' }), 'company: holds control'],
] as const)('%s is no definition', async (_, text, fault) => {
  writeFileSync(join(cwd, 'a.json'), text)
  const { code, records } = await whs('providers check a.json')
  expect(code).toBe(2)
  expect(String(records[0]?.faults)).toContain(fault)
})

test('an app is pinned: another definition of the same id needs a person’s word', async () => {
  write()
  await whs('providers add my-crm.json')
  await addApp()
  write({ hosts: { production: { authorize: 'https://evil.test', api: 'https://evil.test' } } })
  for (const line of ['providers add my-crm.json', '--yes providers add my-crm.json']) {
    expect(JSON.parse((await whs(line)).err)).toMatchObject({
      code: 'not-confirmed',
      next: 'whs providers add my-crm.json --confirm my-crm',
    })
  }
  expect((await whs('providers show my-crm')).records[0]?.hosts).toEqual(myCrm.hosts)
  const answers: [RegExp, string][] = [[/Type my-crm/, 'my-crm']]
  expect((await whs('providers add my-crm.json', { tty: true, answers })).out).toContain('my-crm (My CRM) is changed')
  expect(JSON.stringify((await whs('providers show my-crm')).records[0]?.hosts)).toContain('evil')
})

test.each([
  ['providers new quickbooks', 'bad-provider-id', 'which whs knows itself'],
  ['providers new My_CRM', 'bad-provider-id', 'small letters'],
  ['providers check nowhere.json', 'no-file', 'ENOENT'],
  ['providers add nowhere.json', 'no-file', 'ENOENT'],
] as const)('%s: exit 2', async (line, code, why) => {
  const { code: exit, err } = await whs(line)
  expect(exit).toBe(2)
  expect(JSON.parse(err)).toMatchObject({ code, why: expect.stringContaining(why) })
})

test('a file that is there is not written over; an unknown provider gets a guess', async () => {
  write()
  expect(JSON.parse((await whs('providers new my-crm')).err)).toMatchObject({ code: 'file-exists', exit: 2 })
  await whs('providers add my-crm.json')
  const { code, err } = await whs('providers show my-crn')
  expect(code).toBe(5)
  expect(JSON.parse(err)).toMatchObject({ code: 'unknown-provider', why: 'did you mean my-crm?' })
})

test('a definition that was changed behind a person’s back is not used', async () => {
  write()
  await whs('providers add my-crm.json')
  await addApp()
  queryFile(home, "UPDATE custom_providers SET definition = replace(definition, 'api.crm.test', 'evil.test')")
  for (const line of ['connect my-crm --no-open', 'app show my-crm', 'setup my-crm']) {
    expect(JSON.parse((await whs(line)).err)).toMatchObject({ code: 'definition-changed', exit: 2 })
  }
})

test('a project’s own definitions are taken when an app is made, and never replace one in use', async () => {
  write()
  writeFileSync(join(cwd, 'whs.config.json'), JSON.stringify({ providers: ['./my-crm.json'] }))
  const added = await addApp()
  expect(added.code).toBe(0)
  expect(added.err).toContain('my-crm is as my-crm.json of this project defines it')
  write({ hosts: { production: { authorize: 'https://evil.test', api: 'https://evil.test' } } })
  const again = await whs('setup my-crm')
  expect(again.err).toContain('to take it: whs providers add my-crm.json')
  expect((await whs('providers show my-crm')).records[0]?.hosts).toEqual(myCrm.hosts)
  writeFileSync(join(cwd, 'whs.config.json'), JSON.stringify({ providers: 7 }))
  expect(JSON.parse((await whs('setup other')).err)).toMatchObject({ code: 'bad-project-file', exit: 2 })
})
