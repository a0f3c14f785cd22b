import { createHash, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, test } from 'vitest'
import { makeHttpCall } from '../../src/net/call.ts'
import { type Door, openDoor } from '../../src/net/door.ts'
import { openSender } from '../../src/net/send.ts'
import { readAnswer } from '../helpers/raw-http.ts'

const doors: Door[] = []
const servers: Server[] = []
afterEach(async () => {
  await Promise.all(doors.splice(0).map(door => door.close()))
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function echoDoor(options: { maxBytes?: number; maxQueuedBytes?: number } = {}) {
  const door = await openDoor({
    port: 0,
    routes: [
      {
        method: 'GET',
        path: '/hello/:name',
        handle: ({ params, query }) => ({ status: 200, body: `${params.name} ${query.get('q')}` }),
      },
      {
        method: 'POST',
        path: '/form',
        handle: ({ form, cookies }) => ({ status: 200, body: `${form.get('a')} ${cookies.c}` }),
      },
    ],
    raw: {
      prefix: '/hooks/',
      maxBytes: options.maxBytes ?? 1000,
      maxQueuedBytes: options.maxQueuedBytes ?? 100_000,
      handle: async ({ body, headers, url, method }) => ({
        status: 200,
        body: JSON.stringify({ hash: createHash('sha256').update(body).digest('hex'), headers, url, method }),
      }),
    },
  })
  doors.push(door)
  return door
}

async function handler(listener: Parameters<typeof createServer>[1], host = '127.0.0.1') {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, host, resolve))
  return (server.address() as AddressInfo).port
}

test('the door answers on both loopback addresses, routes by express and takes raw bytes before it', async () => {
  const { port } = await echoDoor()
  for (const host of ['127.0.0.1', '[::1]']) {
    expect(await (await fetch(`http://${host}:${port}/hello/ada?q=1`)).text()).toBe('ada 1')
  }
  const form = await fetch(`http://127.0.0.1:${port}/form`, {
    method: 'POST',
    body: new URLSearchParams({ a: 'b' }),
    headers: { cookie: 'c=d; c=e' },
  })
  expect(await form.text()).toBe('b d')
  const body = randomBytes(777)
  const raw = (await (await fetch(`http://127.0.0.1:${port}/hooks/x/y?z=1`, { method: 'POST', body })).json()) as {
    hash: string
    url: string
  }
  expect(raw).toMatchObject({ hash: createHash('sha256').update(body).digest('hex'), url: '/hooks/x/y?z=1' })
  expect((await fetch(`http://127.0.0.1:${port}/nothing`)).status).toBe(404)
})

test('a body over the limit is 413, whether it is announced or not, and too much at once is 503', async () => {
  const { port } = await echoDoor({ maxBytes: 1000, maxQueuedBytes: 1500 })
  const url = `http://127.0.0.1:${port}/hooks/x`
  expect((await fetch(url, { method: 'POST', body: randomBytes(1001) })).status).toBe(413)
  const slow = connect(port, '127.0.0.1')
  slow.write(`POST /hooks/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n${'a'.repeat(900)}`)
  await new Promise(resolve => slow.write(' ', resolve))
  const chunked = (bytes: number) =>
    fetch(url, {
      method: 'POST',
      duplex: 'half',
      body: new ReadableStream({
        start(controller) {
          controller.enqueue(randomBytes(bytes))
          controller.close()
        },
      }),
    } as RequestInit)
  expect((await chunked(950)).status).toBe(503)
  // The largest that is still coming gives way, and leaves its room to others at once.
  expect((await chunked(900)).status).toBe(200)
  expect((await readAnswer(slow)).status).toBe(503)
  expect((await chunked(950)).status).toBe(200)
  expect((await chunked(2000)).status).toBeOneOf([413, 503])
})

test('a port that is taken is named with exit 7', async () => {
  const { port } = await echoDoor()
  await expect(openDoor({ port, routes: [] })).rejects.toMatchObject({ code: 'port-taken', exit: 7 })
})

test('a request is sent with its headers in order and its bytes untouched', async () => {
  const body = randomBytes(500)
  let seen: { headers: string[]; hash: string } | undefined
  const port = await handler((request, response) => {
    const hash = createHash('sha256')
    request.on('data', chunk => hash.update(chunk))
    request.on('end', () => {
      seen = { headers: request.rawHeaders, hash: hash.digest('hex') }
      response.writeHead(302, { location: '/elsewhere' }).end('moved')
    })
  }, '::1')
  const sender = openSender()
  const headers = ['host', `localhost:${port}`, 'X-One', 'a', 'x-two', 'b', 'X-One', 'c', 'Content-Length', '500']
  const result = await sender.send({
    url: `http://localhost:${port}/p?q=1`,
    method: 'POST',
    headers,
    body,
    timeoutMs: 0,
  })
  await sender.close()
  expect(result).toMatchObject({ status: 302 })
  expect(seen?.hash).toBe(createHash('sha256').update(body).digest('hex'))
  const sent = seen?.headers.filter((_, index) => /^x-/i.test(seen?.headers[index - (index % 2)] as string))
  expect(sent).toEqual(headers.slice(2, 8))
})

test('what stands in the way of an answer is told apart', async () => {
  const sender = openSender()
  const send = (url: string, timeoutMs = 0) =>
    sender.send({ url, method: 'POST', headers: [], body: Buffer.from('x'), timeoutMs })
  const cut = await handler(request => request.socket.destroy())
  const silent = await handler(() => undefined)
  const endless = await handler((_, response) => {
    response.writeHead(200)
    const write = (): void => {
      if (!response.destroyed) response.write('y'.repeat(20_000), () => setImmediate(write))
    }
    write()
  })
  const free = await handler(() => undefined)
  servers.pop()?.close()
  expect(await send(`http://localhost:${free}/`)).toMatchObject({ error: 'nobody' })
  expect(await send(`http://127.0.0.1:${cut}/`)).toMatchObject({ error: 'cut' })
  expect(await send(`http://127.0.0.1:${silent}/`, 50)).toMatchObject({ error: 'timeout' })
  const long = await send(`http://127.0.0.1:${endless}/`)
  expect(long).toMatchObject({ status: 200 })
  expect('body' in long && long.body.length).toBe(65_536)
  await sender.close()
})

test('our own call ends after its time, also while memory is tidied up, and at once by a signal', async () => {
  const url = `http://127.0.0.1:${await handler(() => undefined)}/`
  setFlagsFromString('--expose-gc')
  const tidy = runInNewContext('gc') as () => void
  const tidying = setInterval(tidy, 20)
  const call = makeHttpCall({ signal: new AbortController().signal })
  const own = new AbortController()
  const late = call({ method: 'GET', url, timeoutMs: 500, signal: new AbortController().signal })
  await expect(late).rejects.toMatchObject({ code: 'unreachable', why: 'it took too long' })
  const ended = call({ method: 'GET', url, signal: own.signal })
  setTimeout(() => own.abort(), 50)
  await expect(ended).rejects.toMatchObject({ code: 'interrupted', exit: 130 })
  clearInterval(tidying)
})
