import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { openBrowser } from '../helpers/browser.ts'
import { jsonLines, startListening } from '../helpers/listening.ts'
import { binary, makeFolder, type ProgramResult, programEnv, runWhs, startWhs } from '../helpers/program.ts'
import {
  binaryAnswer,
  openTellingProvider,
  type TellingProvider,
  tellingDefinition,
} from '../helpers/telling-provider.ts'

const clientSecret = 'leak.client~5ec2e7/ABC+def='
const apiKey = 'leak.key~5ec2e7/ABC+def='

/** Everything below a folder, as bytes. */
function filesOf(folder: string): [string, Buffer][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name): [string, Buffer][] => {
    const file = join(folder, name)
    return statSync(file).isFile() ? [[name, readFileSync(file)]] : []
  })
}

/** A secret as it may stand somewhere: itself, in a URL, in JSON inside JSON, in base64 and hex. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const forms = [secret, encodeURIComponent(secret), bytes.toString('base64'), bytes.toString('hex')]
  return [
    ...forms,
    bytes.toString('base64url'),
    secret.replaceAll('/', '\\/'),
    Buffer.from(secret, 'utf8').toString('utf16le'),
  ]
}

test('no token, code, verifier, key or client secret is ever written: not shown, not logged, not stored in the clear', async () => {
  const home = makeFolder()
  const files = makeFolder()
  const provider: TellingProvider = await openTellingProvider(apiKey)
  provider.secrets.add(clientSecret)
  const written: [string, string][] = []
  const whs = async (line: string, { code, stdin = '' }: { code: number; stdin?: string }): Promise<ProgramResult> => {
    const ran = await runWhs([...line.split(' '), '--debug'], { home, stdin })
    written.push([`stdout of ${line}`, ran.stdout], [`stderr of ${line}`, ran.stderr])
    expect([line, ran.code, ran.stderr]).toEqual([line, code, ran.stderr])
    return ran
  }
  const definition = join(files, 'my-crm.json')
  writeFileSync(definition, JSON.stringify(tellingDefinition))
  await whs(`providers add ${definition}`, { code: 0 })
  const hosts = ['authorize', 'api'].map(role => `--host ${role}=${provider.origin}`).join(' ')
  await whs(`app add my-crm --yes --client-id client-1 ${hosts} --client-secret -`, { code: 0, stdin: clientSecret })
  const log = join(files, 'log.ndjson')
  const listening = await startListening(['--log', log, '--debug'], { home })

  const consent = async (code: number): Promise<void> => {
    const args = 'connect my-crm --tenant acme --no-open --debug --output json'
    const program = startWhs(args.split(' '), { home })
    const [, link] = await program.waitFor(/(http:\/\/localhost:\d+\/connect\/\S+)/)
    const page = await openBrowser().post(String(link))
    const ran = await program.ended
    written.push([`stdout of ${args}`, ran.stdout], [`stderr of ${args}`, ran.stderr], ['a page', page.text])
    expect([ran.code, ran.stderr]).toEqual([code, ran.stderr])
  }
  const shown = async (...outputs: string[]): Promise<void> => {
    for (const output of outputs) {
      for (const line of [
        'tenants',
        'tenants show acme',
        'app show my-crm',
        'events',
        `events export --since 1h --as json --out ${join(files, output)}`,
        `events export --since 1h --as curl --out ${join(files, output)}`,
        'status',
        'links',
      ]) {
        await whs(`${line} --output ${output}`, { code: 0 })
      }
      written.push(['doctor', (await runWhs(['doctor', '--debug', '--output', output], { home })).stdout])
    }
    for (const { id } of jsonLines((await runWhs(['events', '--output', 'json'], { home })).stdout)) {
      await whs(`events show ${id}`, { code: 0 })
      await whs(`explain ${id}`, { code: 0 })
    }
  }

  provider.mood.token = 'refused'
  await consent(4)
  provider.mood.token = 'failing'
  await consent(10)
  provider.mood.token = 'html'
  await consent(10)
  provider.mood.token = 'good'
  await consent(0)
  await whs('api acme GET /accounts/{account}', { code: 0 })
  const args = [binary, 'api', 'acme', 'GET', '/binary']
  const raw = await promisify(execFile)(process.execPath, args, { env: programEnv({ home }), encoding: 'buffer' })
  expect(raw.stdout.equals(binaryAnswer)).toBe(true)
  for (const status of [302, 400, 403, 404, 429, 500]) await whs(`api acme GET /tell/${status}`, { code: 10 })
  await whs('api acme POST /tell/422 --body -', { code: 10, stdin: '{"a":1}' })
  await whs('api acme GET https://elsewhere.test/tell/400', { code: 2 })

  // Refused by the API: refreshed; by a failing token endpoint: later; by one that says no: broken.
  const given = provider.secrets.size
  provider.mood.isDead = true
  provider.mood.token = 'failing'
  await whs('api acme GET /accounts/{account}', { code: 10 })
  provider.mood.token = 'html'
  await whs('api acme GET /accounts/{account}', { code: 10 })
  provider.mood.token = 'good'
  await whs('api acme GET /accounts/{account}', { code: 4 })
  expect(provider.secrets.size).toBeGreaterThan(given + 2)
  provider.mood.token = 'refused'
  await whs('api acme GET /accounts/{account}', { code: 4 })
  await listening.waitFor(/"state":"broken"/)
  await shown('json', 'text')

  Object.assign(provider.mood, { token: 'good', isDead: false })
  await consent(0)
  await whs('connect my-crm --tenant globex --key -', { code: 4, stdin: 'leak.wrong~5ec2e7' })
  await whs('connect my-crm --tenant globex --key -', { code: 0, stdin: apiKey })
  await whs('api globex GET /tell/400', { code: 10 })
  await shown('text')
  provider.mood.revoke = 'refused'
  await whs('tenants disconnect acme --yes', { code: 0 })
  await consent(0)
  provider.mood.revoke = 'good'
  await whs('tenants disconnect acme --yes', { code: 0 })
  await whs('tenants disconnect globex --yes', { code: 0 })
  expect(provider.revoked).toHaveLength(1)
  await shown('json')

  const stored = filesOf(home)
  expect(stored.map(([name]) => name)).toEqual(expect.arrayContaining([expect.stringMatching(/\.db$/)]))
  listening.kill('SIGINT')
  const { stdout, stderr } = await listening.ended
  written.push(['stdout of listen', stdout], ['stderr of listen', stderr])
  expect(stdout).toContain('tenant.broken')
  const places = [
    ...written.map(([name, text]): [string, Buffer] => [name, Buffer.from(text)]),
    ...stored,
    ...filesOf(home),
    ...filesOf(files),
  ]
  provider.secrets.add('leak.wrong~5ec2e7')
  expect(provider.secrets.size).toBeGreaterThan(15)
  const found = places.flatMap(([name, bytes]) =>
    [...provider.secrets].flatMap(secret =>
      formsOf(secret)
        .filter(form => bytes.includes(form))
        .map(form => [name, form]),
    ),
  )
  expect(found).toEqual([])
  expect(
    places.filter(([, bytes]) => bytes.includes('5ec2e7')).map(([name, bytes]) => [name, bytes.toString('latin1')]),
  ).toEqual([])
})
