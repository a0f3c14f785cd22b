import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { beforeEach, expect, test } from 'vitest'
import { appHere, listenHere } from '../helpers/listener-here.ts'
import { tempHome } from '../helpers/temp-home.ts'
import { runCommand, type TestIoOptions } from '../helpers/test-io.ts'

let home: string
let cwd: string
beforeEach(async () => {
  home = tempHome()
  cwd = tempHome()
  const app = { provider: 'quickbooks', env: 'sandbox' as const, clientId: 'id', hosts: {}, settings: {} }
  const store = appHere(home).store()
  await store.write('addApp', { ...app, name: 'quickbooks', secrets: { webhook: 'verifier 1' } })
  await store.write('addApp', { ...app, name: 'qbo-live', secrets: {} })
})
const whs = (args: string, options: TestIoOptions = {}) => {
  const env = { WHS_HOME: home, PATH: process.env.PATH, ...options.env }
  return runCommand(['env', ...args.split(' ').filter(Boolean)], { cwd, ...options, env })
}

test('without being told where, nothing is shown', async () => {
  const { code, out, err } = await whs('')
  expect([code, out]).toEqual([2, ''])
  expect(err).not.toContain('verifier 1')
  expect(JSON.parse(err)).toMatchObject({ code: 'env-unsaid', next: expect.stringContaining('whs env --show') })
})

test('--show prints NAME=value in a pipe too, and notes what is not known yet', async () => {
  const { code, out, err } = await whs('--show')
  expect(code).toBe(0)
  expect(out).toMatch(/^QUICKBOOKS_WEBHOOK_SECRET='verifier 1'\nWHS_WEBHOOK_SECRET=whsec_[A-Za-z0-9+/=]{44}\n$/)
  expect(err).toContain('the Verifier token of qbo-live is not set yet: whs app set qbo-live --webhook-secret -')
  const json = await whs('--show', { env: { WHS_OUTPUT: 'json' } })
  expect(json.records).toMatchObject([{ type: 'env', name: 'QUICKBOOKS_WEBHOOK_SECRET', value: 'verifier 1' }, {}])
})

test('our own secret is made once, and is one that Standard Webhooks takes', async () => {
  const [first, second] = [await whs('--show'), await whs('--show')]
  expect(first.out).toBe(second.out)
  const secret = /WHS_WEBHOOK_SECRET=(.*)/.exec(first.out)?.[1] as string
  expect(new Webhook(secret).sign('msg_1', new Date(0), '{}')).toMatch(/^v1,/)
})

test('one app alone, and the callback URL while a listener runs', async () => {
  const { ready } = await listenHere(home)
  const { out } = await whs('qbo-live --show')
  expect(out).toMatch(/^QBO_LIVE_CALLBACK_URL=http:\/\/localhost:\d+\/hooks\/qbo-live\nWHS_WEBHOOK_SECRET=/)
  expect(out).toContain(`${ready.url}/hooks/qbo-live`)
  expect((await whs('nothing --show')).code).toBe(5)
})

test('--write keeps other lines, is private and says what it wrote, not the values', async () => {
  const file = join(cwd, '.env')
  writeFileSync(file, 'PORT=3000\nQUICKBOOKS_WEBHOOK_SECRET=old\nLAST=1')
  chmodSync(file, 0o644)
  const written = await whs('--write .env', { tty: true })
  expect(written.code).toBe(0)
  expect(written.out).toContain(`✓ ${file} has, readable by you alone:\n  QUICKBOOKS_WEBHOOK_SECRET  Verifier token of`)
  expect(written.out + written.err).not.toMatch(/verifier 1|whsec_/)
  expect(readFileSync(file, 'utf8')).toMatch(
    /^PORT=3000\nQUICKBOOKS_WEBHOOK_SECRET='verifier 1'\nLAST=1\nWHS_WEBHOOK_SECRET=whsec_.*\n$/,
  )
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const again = await whs('--write .env')
  expect(again.records).toMatchObject([
    { type: 'env', file, names: ['QUICKBOOKS_WEBHOOK_SECRET', 'WHS_WEBHOOK_SECRET'] },
  ])
})

test('a link is followed, not replaced', async () => {
  mkdirSync(join(cwd, 'real'))
  writeFileSync(join(cwd, 'real', 'env'), 'A=1\n')
  symlinkSync(join(cwd, 'real', 'env'), join(cwd, '.env'))
  await whs('--write .env')
  expect(readFileSync(join(cwd, 'real', 'env'), 'utf8')).toMatch(/^A=1\nQUICKBOOKS_/)
})

test('a file that git tracks is refused; one that it would add is noted', async () => {
  const git = (...args: string[]) => execFileSync('git', args, { cwd, stdio: 'ignore' })
  git('init')
  const visible = await whs('--write .env')
  expect(visible.err).toContain('git does not ignore')
  writeFileSync(join(cwd, '.gitignore'), '.env\n')
  expect((await whs('--write .env')).err).not.toContain('git does not ignore')
  git('add', '--force', '.env')
  const before = readFileSync(join(cwd, '.env'), 'utf8')
  const refused = await whs('quickbooks --write .env')
  expect(refused.code).toBe(2)
  expect(JSON.parse(refused.err)).toMatchObject({ code: 'env-tracked' })
  expect(readFileSync(join(cwd, '.env'), 'utf8')).toBe(before)
})

test('a place that cannot be written is an error, and leaves nothing behind', async () => {
  const refused = await whs('--write nowhere/.env')
  expect(refused.code).toBe(2)
  expect(JSON.parse(refused.err)).toMatchObject({ code: 'env-unwritable' })
  mkdirSync(join(cwd, 'folder'))
  expect((await whs('--write folder')).code).toBe(2)
})
