import { connect, createServer, type Server } from 'node:net'
import { expect, test } from 'vitest'
import {
  callbackPath,
  cloudEvents,
  deliver,
  jsonLines,
  prepareHome,
  signature,
  startListening,
  token,
} from '../helpers/listening.ts'
import { binary, runWhs, startProgram, startWhs } from '../helpers/program.ts'

test('a delivery comes out tagged with its tenant; every line is JSON, the counts come last', async () => {
  const listening = await startListening([], { home: await prepareHome() })
  const body = cloudEvents(['1', '2', '777'])
  expect((await deliver(listening.url, body)).status).toBe(200)
  await listening.waitFor(/"parked"/)
  listening.kill('SIGINT')
  const { code, stderr } = await listening.ended
  expect(code).toBe(130)
  expect(stderr).toBe('')
  const records = listening.records()
  const events = records.filter(({ type }) => type === 'event')
  expect(events.map(({ tenant, account }) => [tenant, account])).toEqual(
    expect.arrayContaining([
      ['acme', '1'],
      ['globex', '2'],
    ]),
  )
  expect(events[0]).toMatchObject({ event: 'invoice.updated', verified: 'signature', provider: 'quickbooks' })
  expect(events[0]?.data).toEqual((JSON.parse(body) as object[])[0])
  expect(records.find(({ type }) => type === 'parked')).toMatchObject({ account: '777', reason: 'unknown-account' })
  expect(records.at(-1)).toMatchObject({ type: 'end', why: 'interrupted' })
})

test('SIGTERM ends in order too, with 143', async () => {
  const listening = await startListening([], { home: await prepareHome() })
  listening.kill('SIGTERM')
  expect(await listening.ended).toMatchObject({ code: 143, signal: null })
  expect(listening.records().at(-1)).toMatchObject({ type: 'end' })
})

test('an end in order fits into its time, though a handler thinks and an upload stands still', async () => {
  const { server: silent, port, reached } = await silentServer()
  const listening = await startListening(['--forward', String(port)], { home: await prepareHome() })
  await deliver(listening.url, cloudEvents(['1']))
  await reached
  const upload = connect(Number(new URL(listening.url).port), '127.0.0.1')
  upload.on('error', () => undefined)
  await new Promise<void>(resolve => {
    const head = `POST ${callbackPath} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n`
    upload.write(`${head}some`)
    upload.once('data', () => resolve())
  })
  listening.kill('SIGTERM')
  const { code } = await listening.ended
  silent.close()
  expect(code).toBe(143)
  expect(listening.records().at(-1)).toMatchObject({ type: 'end', open: 1 })
})

test('a second Ctrl-C ends at once, though a handler still thinks', async () => {
  const { server: silent, port, reached } = await silentServer()
  const listening = await startListening(['--forward', String(port)], { home: await prepareHome() })
  await deliver(listening.url, cloudEvents(['1']))
  await reached
  listening.kill('SIGINT')
  await doorClosed(listening.url)
  listening.kill('SIGINT')
  const { code, stdout } = await listening.ended
  silent.close()
  expect(code).toBe(130)
  expect(stdout).not.toContain('"type":"end"')
})

test('a port that is taken: exit 7, with the port and what to type', async () => {
  const other = createServer()
  const port = await listenOn(other)
  const options = { home: await prepareHome() }
  const { code, stdout, stderr } = await runWhs(['listen', '--tunnel', 'none', '--port', String(port)], options)
  other.close()
  expect({ code, stdout }).toEqual({ code: 7, stdout: '' })
  expect(stderr).toContain(`port ${port} is taken`)
  expect(stderr).toContain('--port 0')
})

test('a second listener on one store: exit 7, naming the process that holds it', async () => {
  const home = await prepareHome()
  const first = await startListening([], { home })
  const { code, stdout, stderr } = await runWhs(['listen', '--tunnel', 'none', '--port', '0'], { home })
  expect({ code, stdout }).toEqual({ code: 7, stdout: '' })
  expect(stderr).toContain(`process ${first.pid}`)
})

test('a body above the limit gets 413, and the listener goes on', async () => {
  const listening = await startListening([], { home: await prepareHome() })
  const large = await deliver(listening.url, Buffer.alloc(33 * 1_048_576, 32))
  expect(large.status).toBe(413)
  expect((await deliver(listening.url, cloudEvents(['1']))).status).toBe(200)
  await listening.waitFor(/"type":"event"/)
})

test('an upload that breaks off leaves nothing behind', async () => {
  const home = await prepareHome()
  const listening = await startListening([], { home })
  const body = cloudEvents(['1'])
  const { port, hostname } = new URL(listening.url)
  await new Promise<void>(resolve => {
    const socket = connect(Number(port), hostname, () => {
      const head = `POST ${callbackPath} HTTP/1.1\r\nHost: x\r\nintuit-signature: ${signature(body)}\r\nContent-Length: ${body.length}\r\n\r\n`
      socket.write(head + body.slice(0, 40), () => socket.destroy())
    })
    socket.on('close', () => resolve())
  })
  expect((await deliver(listening.url, cloudEvents(['2']))).status).toBe(200)
  await listening.waitFor(/"tenant":"globex"/)
  const { stdout } = await runWhs(['events'], { home })
  expect(jsonLines(stdout).map(({ tenant }) => tenant)).toEqual(['globex'])
  expect((await runWhs(['events', '--rejected'], { home })).stdout).toBe('')
})

test('what verifies but is no JSON is acknowledged and parked as unreadable', async () => {
  const home = await prepareHome()
  const listening = await startListening([], { home })
  const bytes = Buffer.from([0xff, 0x00, 0x7b, 0x1b, 0x5b])
  expect((await deliver(listening.url, bytes)).status).toBe(200)
  await listening.waitFor(/"reason":"unreadable"/)
  const raw = startWhs(['events', 'show', 'last', '--raw'], { home })
  expect((await raw.ended).code).toBe(0)
  expect(listening.records().find(({ type }) => type === 'parked')).toMatchObject({ reason: 'unreadable' })
})

test('a wrong signature: 401, kept, shown, never relayed', async () => {
  let requests = 0
  const handler = createServer(() => requests++)
  const port = await listenOn(handler)
  const home = await prepareHome()
  const listening = await startListening(['--forward', String(port)], { home })
  const body = cloudEvents(['1'])
  expect((await deliver(listening.url, body, signature(body, 'another token'))).status).toBe(401)
  await listening.waitFor(/"type":"rejected".*"wrong-secret"/)
  listening.kill('SIGINT')
  await listening.ended
  handler.close()
  const { stdout } = await runWhs(['events', '--rejected'], { home })
  expect(jsonLines(stdout)).toMatchObject([{ type: 'rejected', status: 401, reason: 'wrong-secret' }])
  expect((await runWhs(['events'], { home })).stdout).toBe('')
  expect(requests).toBe(0)
})

test('no secret yet: 503, kept; once the secret is set, the delivery is taken in', async () => {
  const home = await prepareHome({ secret: null })
  const listening = await startListening([], { home })
  const answer = await deliver(listening.url, cloudEvents(['1']))
  expect(answer.status).toBe(503)
  expect(answer.headers.has('retry-after')).toBe(true)
  await listening.waitFor(/"type":"rejected".*"no-secret"/)
  const set = ['app', 'set', 'quickbooks', '--webhook-secret', '-']
  expect(await runWhs(set, { home, stdin: `${token}\n` })).toMatchObject({ code: 0 })
  await listening.waitFor(/"type":"event".*"tenant":"acme"/)
  expect((await runWhs(['events', '--rejected'], { home })).stdout).toBe('')
})

test('the reader of a long list may leave: exit 0 and not a word', async () => {
  const home = await prepareHome()
  const listening = await startListening([], { home })
  expect((await deliver(listening.url, cloudEvents(Array<string>(1500).fill('1')))).status).toBe(200)
  const line = `${process.execPath} ${binary} events | head -1; echo "\${PIPESTATUS[*]}" >&2`
  const { stdout, stderr } = await startProgram('bash', ['--norc', '-c', line], { home }).ended
  expect(jsonLines(stdout)).toHaveLength(1)
  expect(stderr).toBe('0 0\n')
})

test('a handler that answers nonsense: the event is kept and said to be open', async () => {
  const handler = createServer(socket => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.2\r\n\u001b[31m\r\n'))
  })
  const port = await listenOn(handler)
  const home = await prepareHome()
  const listening = await startListening(['--forward', String(port)], { home })
  expect((await deliver(listening.url, cloudEvents(['1']))).status).toBe(200)
  await listening.waitFor(/"type":"forward"/)
  const forward = listening.records().find(({ type }) => type === 'forward')
  expect(forward).toMatchObject({ tenant: 'acme', attempt: 1, next: expect.any(String) as string })
  expect(listening.stdout()).not.toContain('\u001b')
  listening.kill('SIGINT')
  await listening.ended
  handler.close()
  expect(listening.records().at(-1)).toMatchObject({ type: 'end' })
})

function listenOn(server: Server): Promise<number> {
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
}

/** A server that takes connections and says nothing. */
async function silentServer(): Promise<{ server: Server; port: number; reached: Promise<void> }> {
  const server = createServer()
  const reached = new Promise<void>(resolve => server.once('connection', () => resolve()))
  return { server, port: await listenOn(server), reached }
}

/** Resolves when nobody listens there any more. */
async function doorClosed(url: string): Promise<void> {
  const { port, hostname } = new URL(url)
  for (;;) {
    const isOpen = await new Promise<boolean>(resolve => {
      const socket = connect(Number(port), hostname)
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
      socket.on('connect', () => socket.destroy())
    })
    if (!isOpen) return
  }
}
