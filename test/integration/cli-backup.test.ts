import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { keepRejected } from '../helpers/kept-rejected.ts'
import { appHere, listenHere } from '../helpers/listener-here.ts'
import { cloudEvents, deliver, prepareHome, token } from '../helpers/listening.ts'
import { contentOf, madeOf } from '../helpers/old-home.ts'
import { startWhs } from '../helpers/program.ts'
import { tempHome } from '../helpers/temp-home.ts'
import { type Ran, runCommand, type TestIoOptions } from '../helpers/test-io.ts'

const passphrase = 'four words of a passphrase'
type Whs = (args: string, options?: TestIoOptions) => Promise<Ran>

function at(home: string): Whs {
  return (args, options = {}) =>
    runCommand(args.split(' '), { stdin: `${passphrase}\n`, ...options, env: { WHS_HOME: home, ...options.env } })
}

async function filled(): Promise<{ home: string; whs: Whs; file: string }> {
  const home = await prepareHome({ home: tempHome() })
  return { home, whs: at(home), file: join(tempHome(), 'whs.backup') }
}

test('a backup holds all, with the key, sealed; beside a listener that goes on', async () => {
  const { home, whs, file } = await filled()
  const { ready } = await listenHere(home)
  const bodies = Array.from({ length: 300 }, (_, index) => cloudEvents([String(1 + (index % 2))]))
  const sending = Promise.all(bodies.map(body => deliver(ready.url, body)))
  const ran = await whs(`backup ${file} --secret -`)
  await sending
  expect(ran).toMatchObject({ code: 0, records: [{ type: 'backup', file, retired: false }] })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(file, '..'))).toEqual(['whs.backup'])
  expect(readdirSync(home).filter(name => name.endsWith('.part'))).toEqual([])
  const bytes = readFileSync(file, 'latin1')
  for (const secret of [readFileSync(join(home, 'key'), 'utf8').trim(), token, 'acme', 'SQLite format 3']) {
    expect(bytes).not.toContain(secret)
  }
  const copy = join(tempHome(), 'copy')
  const restored = await at(copy)(`restore ${file} --secret -`)
  expect(restored).toMatchObject({ code: 0, records: [{ type: 'restore', home: copy, apps: 1 }] })
  expect(statSync(copy).mode & 0o777).toBe(0o700)
  for (const name of ['key', 'whs.db']) expect(statSync(join(copy, name)).mode & 0o777).toBe(0o600)
  const [app] = await appHere(copy).store().read('listApps')
  expect(await appHere(copy).keysOf(app as NonNullable<typeof app>)).toMatchObject([{ value: token }])
  const events = await appHere(copy).store().read('countEvents', { filter: {} })
  expect(restored.records[0]?.events).toBe(events)
  expect((await at(copy)('tenants list')).records.map(one => one.id ?? one.name)).toEqual(['acme', 'globex'])
  const again = await listenHere(copy)
  expect((await deliver(again.ready.url, cloudEvents(['1']))).status).toBe(200)
})

test('a backup that is killed leaves nothing in clear and nothing in the data directory', async () => {
  const { home, file } = await filled()
  await keepRejected(home, 1_000)
  const before = readdirSync(home)
  const program = startWhs(['backup', file, '--secret', '-'], { home })
  program.stdin.end(`${passphrase}\n`)
  const folder = join(file, '..')
  const part = await expect
    .poll(() => readdirSync(folder).find(name => statSync(join(folder, name)).size > 2_000_000), {
      interval: 5,
      timeout: 30_000,
    })
    .toBeDefined()
    .then(() => readdirSync(folder).find(name => name.endsWith('.part')))
  program.kill('SIGKILL')
  expect(await program.ended).toMatchObject({ signal: 'SIGKILL' })
  expect(existsSync(file)).toBe(false)
  expect(readdirSync(home).filter(name => !before.includes(name) && !/^whs\.db-(wal|shm)$/.test(name))).toEqual([])
  const left = readFileSync(join(folder, String(part)), 'latin1')
  for (const text of ['SQLite format 3', 'CREATE TABLE', 'quickbooks', 'acme']) expect(left).not.toContain(text)
  const copy = join(tempHome(), 'copy')
  const cut = await at(copy)(`restore ${join(folder, String(part))} --secret -`)
  expect(cut).toMatchObject({ code: 2, err: expect.stringContaining('its end is missing or changed') })
  expect((await at(home)(`backup ${file} --secret -`)).code).toBe(0)
  expect((await at(copy)(`restore ${file} --secret -`)).code).toBe(0)
})

test('Ctrl-C ends a backup at once and leaves no part of it', async () => {
  const { home, file } = await filled()
  await keepRejected(home, 1_000)
  const program = startWhs(['backup', file, '--secret', '-'], { home })
  program.stdin.end(`${passphrase}\n`)
  const folder = join(file, '..')
  await expect.poll(() => readdirSync(folder).length, { interval: 5, timeout: 30_000 }).toBe(1)
  program.kill('SIGINT')
  expect(await program.ended).toMatchObject({ code: 130, stdout: '' })
  expect(readdirSync(folder)).toEqual([])
})

test('what is restored is the same to the last row and number, also what was deleted and every kind of value', async () => {
  const { home, whs, file } = await filled()
  const { ready, stop } = await listenHere(home)
  for (let count = 0; count < 5; count++) await deliver(ready.url, cloudEvents(['1', '2']))
  await whs('prune --tenant globex --older-than 0s --yes')
  await keepRejected(home, 3)
  await stop('over')
  expect((await whs(`backup ${file} --secret -`)).code).toBe(0)
  const copy = join(tempHome(), 'copy')
  expect((await at(copy)(`restore ${file} --secret -`)).code).toBe(0)
  expect(contentOf(copy)).toEqual(contentOf(home))
  expect(madeOf(copy)).toEqual(madeOf(home))
})

test('retired, a store refuses to listen, until it is restored; its copy listens', async () => {
  const { home, whs, file } = await filled()
  const session = await listenHere(home)
  expect(await whs(`backup ${file} --retire --secret -`)).toMatchObject({ code: 7 })
  expect(existsSync(file)).toBe(false)
  await session.stop('enough')
  expect(await whs(`backup ${file} --retire --secret -`)).toMatchObject({ code: 0 })
  const refused = await whs('listen --tunnel none --port 0')
  expect(refused.code).toBe(7)
  expect(refused.err).toContain('so that it and its copy do not fight')
  expect((await whs('tenants list')).code).toBe(0)
  const copy = tempHome()
  expect((await at(copy)(`restore ${file} --secret -`)).code).toBe(0)
  const { ready } = await listenHere(copy)
  expect((await deliver(ready.url, cloudEvents(['1']))).status).toBe(200)
})

test('nothing is written over: no file, no store', async () => {
  const { home, whs, file } = await filled()
  writeFileSync(file, 'mine')
  expect(await whs(`backup ${file} --secret -`)).toMatchObject({
    code: 2,
    err: expect.stringContaining('is there already'),
  })
  expect(readFileSync(file, 'utf8')).toBe('mine')
  const other = join(file, '..', 'other')
  expect((await whs(`backup ${other} --secret -`)).code).toBe(0)
  expect((await whs(`restore ${other} --secret -`)).err).toContain('never over another store')
  const strange = tempHome()
  writeFileSync(join(strange, 'letter.txt'), 'mine')
  expect((await at(strange)(`restore ${other} --secret -`)).code).toBe(2)
  expect(readdirSync(strange)).toEqual(['letter.txt'])
  expect(openStoreHolds(home)).toBe(true)
})

test('a wrong passphrase, a changed or a cut file leaves nothing behind', async () => {
  const { home, whs, file } = await filled()
  const store = openStore({ home })
  const [app] = await store.read('listApps')
  // So that the backup has several pieces even when it is packed.
  await store.write('keepRejected', {
    appId: app?.id ?? 0,
    receivedAt: 1,
    method: 'POST',
    path: '/',
    suffix: '',
    headers: '[]',
    body: randomBytes(3_000_000),
    bytes: 3_000_000,
    status: 401,
    reason: 'wrong-secret',
    detail: '',
    source: 'delivery',
    activation: null,
  })
  await store.close()
  expect((await whs(`backup ${file} --secret -`)).code).toBe(0)
  const bytes = readFileSync(file)
  const piece = 1_048_576 + 16
  const header = 34
  const swapped = Buffer.concat([
    bytes.subarray(0, header),
    bytes.subarray(header + piece, header + 2 * piece),
    bytes.subarray(header, header + piece),
    bytes.subarray(header + 2 * piece),
  ])
  const flipped = (place: number): Buffer => {
    const copy = Buffer.from(bytes)
    copy[place] = (copy[place] as number) ^ 1
    return copy
  }
  const cases: [string, Buffer, string][] = [
    ['cut at a piece', bytes.subarray(0, header + 2 * piece), 'its end is missing or changed'],
    ['cut inside', bytes.subarray(0, header + piece + 500), 'its end is missing or changed'],
    ['cut in its header', bytes.subarray(0, 20), 'it does not begin as one'],
    ['empty', Buffer.alloc(0), 'it does not begin as one'],
    ['pieces swapped', swapped, 'another one, or its beginning was changed'],
    ['salt', flipped(12), 'another one, or its beginning was changed'],
    ['cost', flipped(8), 'another one, or its beginning was changed'],
    ['piece 2', flipped(header + piece + 9), 'it was changed'],
    ['the last byte', flipped(bytes.length - 1), 'its end is missing or changed'],
    ['more behind', Buffer.concat([bytes, Buffer.from('more')]), 'the backup is damaged'],
    ['no backup at all', Buffer.from('SQLite format 3'.repeat(9)), 'it does not begin as one'],
  ]
  const copy = join(tempHome(), 'copy')
  for (const [name, content, why] of cases) {
    const bad = join(tempHome(), 'bad')
    writeFileSync(bad, content)
    const ran = await at(copy)(`restore ${bad} --secret -`)
    expect([name, ran.code, ran.err]).toEqual([name, 2, expect.stringContaining(why)])
    expect(existsSync(copy)).toBe(false)
  }
  const wrong = await at(copy)(`restore ${file} --secret -`, { stdin: 'another passphrase\n' })
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('the passphrase is another one') })
  expect(existsSync(copy)).toBe(false)
  expect((await at(copy)(`restore ${file} --secret -`)).code).toBe(0)
})

test('the passphrase is typed twice, comes from stdin or the environment, and is no short one', async () => {
  const { whs, file } = await filled()
  const asked = (second: string): TestIoOptions => ({
    tty: true,
    answers: [
      [/Passphrase/, passphrase],
      [/once more/, second],
    ],
  })
  expect((await whs(`backup ${file}`, asked('something else'))).err).toContain('the two passphrases differ')
  expect((await whs(`backup ${file}`, asked(passphrase))).code).toBe(0)
  const none = await whs(`backup ${file}2`)
  expect(none.code).toBe(3)
  expect(none.err).toMatch(/--secret -.*WHS_BACKUP_SECRET/)
  expect((await whs(`backup ${file}3 --secret in-argv-is-wrong`)).code).toBe(2)
  expect((await whs(`backup ${file}4 --secret -`, { stdin: 'short\n' })).err).toContain('fewer than 10')
  expect((await whs(`backup ${file}5`, { env: { WHS_BACKUP_SECRET: passphrase } })).code).toBe(0)
  const copy = tempHome()
  expect((await at(copy)(`restore ${file}`, { env: { WHS_BACKUP_SECRET: passphrase } })).code).toBe(0)
})

function openStoreHolds(home: string): boolean {
  return readFileSync(join(home, 'whs.db')).subarray(0, 15).toString() === 'SQLite format 3'
}
