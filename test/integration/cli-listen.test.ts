import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { cloudEvents, deliver, prepareHome } from '../helpers/listening.ts'
import { startHandler } from '../helpers/simulated.ts'
import { type Ran, runCommand, type TestIoOptions } from '../helpers/test-io.ts'

let home: string
beforeEach(async () => {
  home = await prepareHome()
})

interface Started {
  url: string
  ran: Promise<Ran>
}

/** `whs listen` in this process, once it is ready. */
function start(more: string[], options: TestIoOptions = {}): Promise<Started> {
  return new Promise((resolve, reject) => {
    const args = ['listen', '--tunnel', 'none', '--port', '0', '--output', 'json', ...more]
    const ran = runCommand(args, {
      ...options,
      env: { PATH: process.env.PATH, WHS_HOME: home, ...options.env },
      watch(written) {
        const url = /"type":"ready".*?"url":"([^"]+)"/.exec(written)?.[1]
        if (url) resolve({ url, ran })
      },
    })
    ran.then(({ err }) => reject(new Error(`it ended before it was ready: ${err}`)), reject)
  })
}

async function startedHandler(answer?: (number: number) => number | null) {
  const handler = await startHandler(answer)
  onTestFinished(() => handler.close())
  return handler
}

const kinds = ({ records }: Ran): unknown[] => records.map(({ type }) => type)

test('--max-events: exactly so many are told, each with its answer, then it ends', async () => {
  const handler = await startedHandler()
  const { url, ran } = await start(['--forward', handler.url, '--max-events', '2'])
  await deliver(url, cloudEvents(['1']))
  await deliver(url, cloudEvents(['2', '1', '1']))
  const ended = await ran
  expect(ended).toMatchObject({ code: 0, err: '' })
  expect(ended.records.filter(({ type }) => type === 'event')).toHaveLength(2)
  expect(kinds(ended).filter(kind => kind === 'forward')).not.toHaveLength(0)
  expect(ended.records.at(-1)).toMatchObject({ type: 'end', why: '2 events came' })
})

test('--max-events ends though nobody is at the target: the event is kept', async () => {
  const { url, ran } = await start(['--forward', '127.0.0.1:9', '--max-events', '1', '--for', '50s'])
  await deliver(url, cloudEvents(['1']))
  const ended = await ran
  expect(ended.code).toBe(0)
  expect(ended.records.at(-1)).toMatchObject({ type: 'end', open: 1 })
})

test('--for ends in order: exit 0 by itself, 9 where --max-events is unmet', async () => {
  const alone = await (await start(['--for', '50ms'])).ran
  expect(alone).toMatchObject({ code: 0, err: '' })
  expect(alone.records.at(-1)).toMatchObject({ type: 'end', why: 'the time of --for is over' })
  const unmet = await (await start(['--for', '50ms', '--max-events', '2'])).ran
  expect(unmet.code).toBe(9)
  expect(unmet.records.at(-1)).toMatchObject({ type: 'end' })
  expect(JSON.parse(unmet.err)).toMatchObject({ code: 'time-ran-out', what: '0 of 2 events came within 50 ms' })
})

test('--for and a handler that thinks: not answered is unmet', async () => {
  const handler = await startedHandler(() => null)
  const { url, ran } = await start(['--forward', handler.url, '--max-events', '1', '--for', '1s'])
  await deliver(url, cloudEvents(['1']))
  expect(JSON.parse((await ran).err)).toMatchObject({ what: 'not all were answered within 1.0 s' })
})

test('--exec starts when ready, with the URLs and no secret, and the session ends with its exit code', async () => {
  const env = { NGROK_AUTHTOKEN: 'tok-5ecret', WHS_QUICKBOOKS_WEBHOOK_SECRET: 'whs-5ecret', OTHER: 'kept' }
  const { url, ran } = await start(['--exec', 'env; echo to-stderr >&2; exit 7'], { env })
  const ended = await ran
  expect(ended.code).toBe(7)
  expect(kinds(ended)).toEqual(['ready', 'end'])
  expect(ended.records.at(-1)).toMatchObject({ why: 'the command ended with 7' })
  expect(ended.err).toContain(`WHS_URL=${url}\n`)
  expect(ended.err).toContain(`WHS_CALLBACK_QUICKBOOKS=${url}/hooks/quickbooks\n`)
  expect(ended.err).toContain(`WHS_HOME=${home}\n`)
  expect(ended.err).toMatch(/OTHER=kept\n[\s\S]*to-stderr\n/)
  expect(ended.err).not.toContain('5ecret')
})

test('--exec: the command sees what its own deliveries bring', async () => {
  const body = cloudEvents(['1'])
  const script = join(home, 'deliver.mjs')
  writeFileSync(
    script,
    `import { createHmac } from 'node:crypto'
     const body = ${JSON.stringify(body)}
     const sign = createHmac('sha256', 'e2e-verifier-token-5c0de').update(body).digest('base64')
     const headers = { 'content-type': 'application/json', 'intuit-signature': sign }
     const answer = await fetch(process.env.WHS_CALLBACK_QUICKBOOKS, { method: 'POST', headers, body })
     process.exit(answer.status === 200 ? 0 : 1)`,
  )
  const ended = await (await start(['--exec', `'${process.execPath}' '${script}'`])).ran
  expect(ended.code).toBe(0)
  expect(kinds(ended)).toEqual(['ready', 'event', 'end'])
})

test('--exec: a signal is told as shells tell it, and --for ends a command that does not end', async () => {
  expect((await (await start(['--exec', 'kill -9 $$'])).ran).code).toBe(137)
  const ended = await (await start(['--exec', 'sleep 60 & sleep 60', '--for', '200ms'])).ran
  expect(ended.code).toBe(9)
  expect(JSON.parse(ended.err)).toMatchObject({ what: 'the command did not end within 200 ms' })
})

test('--log: records are appended beside the text, for its owner alone', async () => {
  const log = join(home, 'events.ndjson')
  writeFileSync(log, '{"type":"older"}\n', { mode: 0o644 })
  const { url, ran } = await start(['--log', 'events.ndjson', '--max-events', '1'], { cwd: home })
  await deliver(url, cloudEvents(['1']))
  const ended = await ran
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
  expect(lines[0]).toBe('{"type":"older"}')
  expect(lines.slice(1).join('\n')).toBe(ended.out.trimEnd())
  expect(statSync(log).mode & 0o777).toBe(0o600)
})

test.each([
  [['--max-events', '1', '--exec', 'true'], '--exec and --max-events exclude each other'],
  [['--max-events', '0'], '"0" is no count'],
  [['--for', 'ever'], '"ever" is no duration'],
  [['--log', 'no/such/folder/log'], /^the log .*no\/such\/folder\/log cannot be opened$/],
] as const)('listen %j: exit 2, before anything opens', async (args, what) => {
  const options = { env: { WHS_HOME: home }, cwd: home }
  const ran = await runCommand(['listen', '--tunnel', 'none', '--port', '0', '--output', 'json', ...args], options)
  expect(ran).toMatchObject({ code: 2, out: '' })
  const { what: said } = JSON.parse(ran.err) as { what: string }
  if (typeof what === 'string') expect(said).toBe(what)
  else expect(said).toMatch(what)
  expect(existsSync(join(home, 'log'))).toBe(false)
})

test('a request that misses is explained, once a minute for a path', async () => {
  const { url, ran } = await start(['--for', '2s'])
  for (const path of ['/webhook/quickbooks', '/webhook/quickbooks', '/hooks/quickboks', '/robots.txt']) {
    expect((await fetch(url + path, { method: 'POST', body: '{}' })).status).toBe(404)
  }
  const strays = (await ran).records.filter(({ type }) => type === 'stray')
  const hint = 'Meant /hooks/quickbooks? Correct the Endpoint URL in the portal'
  expect(strays).toMatchObject([
    { method: 'POST', path: '/webhook/quickbooks', times: 1, hint },
    { path: '/hooks/quickboks', times: 1, hint },
    { path: '/robots.txt', hint: null },
  ])
})
