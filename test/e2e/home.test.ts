import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { prepareHome } from '../helpers/listening.ts'
import { makeFolder, runWhs } from '../helpers/program.ts'

/** Each of these is said in three lines, with exit 2, and changes nothing. */
async function refusal(home: string): Promise<string> {
  const { code, stdout, stderr } = await runWhs(['events', '--output', 'text'], { home })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr.trimEnd().split('\n')).toHaveLength(3)
  return stderr
}

test('the data directory and its files belong to the person alone', async () => {
  const home = join(makeFolder(), 'deep', 'whs')
  expect((await runWhs(['events'], { home, cwd: '/' })).code).toBe(0)
  expect(statSync(home).mode & 0o777).toBe(0o700)
  for (const file of ['whs.db', 'key']) expect(statSync(join(home, file)).mode & 0o777, file).toBe(0o600)
})

test('a data directory that cannot be made', async () => {
  const file = join(makeFolder(), 'a-file')
  writeFileSync(file, '')
  const { code, stderr } = await runWhs(['events'], { home: join(file, 'whs'), cwd: '/' })
  expect(code).toBe(2)
  expect(stderr).toContain(file)
})

test('a database of a newer whs', async () => {
  const home = await prepareHome()
  const database = new Database(join(home, 'whs.db'))
  database.pragma('user_version = 9999')
  database.close()
  expect(await refusal(home)).toMatch(/newer/)
})

test('a file that is no database', async () => {
  const home = makeFolder()
  writeFileSync(join(home, 'whs.db'), 'this is not a database, and long enough to be read as a header '.repeat(40))
  expect(await refusal(home)).toContain('whs.db')
})

test('a key file that is missing is never made anew', async () => {
  const home = await prepareHome()
  rmSync(join(home, 'key'))
  expect(await refusal(home)).toMatch(/key file is missing/)
  expect(await refusal(home)).toMatch(/key file is missing/)
})

test('a key file that others can read', async () => {
  const home = await prepareHome()
  chmodSync(join(home, 'key'), 0o644)
  expect(await refusal(home)).toContain('chmod 600')
})

test('the key file of another database', async () => {
  const home = await prepareHome()
  writeFileSync(join(home, 'key'), `${'ab'.repeat(32)}\n`)
  expect(await refusal(home)).toMatch(/another database/)
})

test('a project file with a secret, or with what it may not decide, is refused', async () => {
  const home = await prepareHome()
  const cwd = join(makeFolder(), 'project')
  mkdirSync(cwd)
  const file = join(cwd, 'whs.config.json')
  for (const text of ['{', '{"allowRemote":true}', '{"clientSecret":"abc"}']) {
    writeFileSync(file, text)
    const result = await runWhs(['listen', '--tunnel', 'none', '--port', '0'], { home, cwd })
    expect(result, text).toMatchObject({ code: 2, stdout: '' })
    expect(result.stderr).toContain('whs.config.json')
  }
})
