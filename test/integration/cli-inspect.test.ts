import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { inspectCommand } from '../../src/cli/commands/inspect.ts'
import { makeProgram } from '../../src/cli/program.ts'
import type { EventPage, Now } from '../../src/inspect/api.ts'
import { ask, signIn } from '../helpers/inspector-client.ts'
import { listenHere } from '../helpers/listener-here.ts'
import { cloudEvents, deliver, prepareHome } from '../helpers/listening.ts'
import { runCommand, type TestIo, type TestIoOptions, testIo } from '../helpers/test-io.ts'

let home: string
beforeEach(async () => {
  home = await prepareHome()
})

interface Running {
  io: TestIo
  /** What was written, once it matches. */
  said(pattern: RegExp): Promise<RegExpExecArray>
  ended: Promise<number>
}

/** `whs inspect --no-open` in this process, until it is interrupted. */
function start(options: TestIoOptions = {}, flags: { port?: string } = {}): Running {
  const looks = new Set<() => void>()
  let written = ''
  const env = { WHS_HOME: home }
  const io = testIo({
    ...options,
    env,
    watch(text) {
      written = text
      for (const look of looks) look()
    },
  })
  const program = makeProgram({ versionOf: () => '0', self: () => 'whs', context: () => io, done: () => undefined })
  const ended = inspectCommand({ io, version: '1.2.3', demo: false, program }, { open: false, ...flags })
  onTestFinished(async () => {
    io.interrupt()
    await ended.catch(() => undefined)
  })
  const said = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise(resolve => {
      const look = (): void => {
        const match = pattern.exec(written)
        if (!match) return
        looks.delete(look)
        resolve(match)
      }
      looks.add(look)
      look()
    })
  return { io, said, ended }
}

const linkPattern = /^http:\/\/127\.0\.0\.1:(\d+)\/open\?code=[\w-]{32}$/m

test('where nobody listens it serves the store as it is, and what others do with it meanwhile, until it is ended', async () => {
  const { io, said, ended } = start({ tty: true })
  const [link] = await said(linkPattern)
  await said(/works once, within half a minute\nnobody listens/)
  const client = await signIn(link)
  expect(await client.get<Now>('/api/now')).toMatchObject({
    version: '1.2.3',
    listener: null,
    events: 0,
    tenants: ['acme', 'globex'],
  })
  const watching = await client.watch('/api/stream')
  onTestFinished(() => watching.close())
  const session = await listenHere(home)
  await deliver(session.ready.url, cloudEvents(['1', '77']))
  await watching.until('row', ({ tenant }: { tenant: string }) => tenant === 'acme')
  expect((await client.post('/api/claim', { app: 'quickbooks', account: '77', tenant: 'initech' })).json).toEqual({
    released: 1,
  })
  await watching.until('again')
  const { rows } = await client.get<EventPage>('/api/events')
  expect(rows.map(({ tenant }) => tenant)).toEqual(['initech', 'acme'])
  expect(await client.get<Now>('/api/now')).toMatchObject({ listener: { url: session.ready.url } })
  io.interrupt()
  expect(await ended).toBe(130)
  await expect(client.get('/api/now')).rejects.toThrow('ECONNREFUSED')
})

test('Enter gives another link', async () => {
  const { io, said } = start({ tty: true })
  const [first] = await said(linkPattern)
  io.stdin.push('\n')
  const [, second] = await said(/(?:^http\S+code=\S+$[^]*?){1}^(http\S+code=\S+)$/m)
  expect(second).not.toBe(first)
  await signIn(second as string)
  await signIn(first)
})

test('with a listener it gives a link to its inspector and ends; the link is a record in a pipe', async () => {
  const session = await listenHere(home)
  const { io, said, ended } = start({ tty: true })
  const [link] = await said(linkPattern)
  expect(new URL(link).origin).toBe(session.ready.inspector)
  expect(await ended).toBe(0)
  expect(io.ran(0).err).toContain('works once')
  const client = await signIn(link)
  expect(await client.get<Now>('/api/now')).toMatchObject({ listener: { url: session.ready.url } })

  const options = { env: { WHS_HOME: home } }
  const piped = await runCommand(['inspect', '--no-open', '--port', '5123'], options)
  expect(piped.code).toBe(0)
  expect(piped.records).toMatchObject([{ type: 'inspector', at: expect.any(String), opened: false, isListeners: true }])
  expect(new URL(String(piped.records[0]?.url)).origin).toBe(session.ready.inspector)
  expect(piped.err).toContain('the running listener serves the inspector')
})

test('--port is the port; one that is taken, or none, is told', async () => {
  const { said } = start({ tty: true }, { port: '0' })
  const [, port] = await said(linkPattern)
  expect((await ask(`http://127.0.0.1:${port}`, '/api/now')).status).toBe(401)
  const options = { env: { WHS_HOME: home } }
  const taken = await runCommand(['inspect', '--no-open', '--port', String(port)], options)
  expect(taken.code).toBe(7)
  expect(JSON.parse(taken.err)).toMatchObject({ code: 'port-taken' })
  expect((await runCommand(['inspect', '--port', 'x'], options)).code).toBe(2)
})

test('listen says that there is one', async () => {
  const listening = await runCommand(['listen', '--tunnel', 'none', '--port', '0', '--for', '10ms'], {
    tty: true,
    env: { WHS_HOME: home },
  })
  expect(listening.out + listening.err).toMatch(/inspector: whs inspect/)
})
