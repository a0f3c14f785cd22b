import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openDoor } from '../../src/net/door.ts'
import type { ReplyStream } from '../../src/net/stream.ts'

/** A door whose one answer is written by a test, and a client that reads only when it is told. */
async function open(run: (to: ReplyStream) => Promise<void>): Promise<Socket> {
  const headers = { 'content-type': 'text/event-stream' }
  const door = await openDoor({
    port: 0,
    routes: [{ method: 'GET', path: '/', handle: () => ({ status: 200, headers, stream: run }) }],
  })
  onTestFinished(() => door.close())
  const client = connect(door.port, '127.0.0.1')
  onTestFinished(() => void client.destroy())
  client.pause()
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  return client
}

const patient = { timeout: 20_000 }
const piece = `${'~'.repeat(65_535)}\n`

test('who writes to a slow reader waits; what was written arrives once it reads, whole', async () => {
  let written = 0
  let isOver = false
  const client = await open(async to => {
    while (written < 400 && (await to.write(piece))) written++
    isOver = true
  })
  await new Promise(resolve => setTimeout(resolve, 300))
  const kept = written
  expect(kept).toBeLessThan(200)
  await new Promise(resolve => setTimeout(resolve, 100))
  expect(written).toBe(kept)
  let got = 0
  client.on('data', (chunk: Buffer) => (got += chunk.filter(byte => byte === 0x7e).length))
  client.resume()
  await expect.poll(() => isOver, patient).toBe(true)
  await expect.poll(() => got, patient).toBe(400 * 65_535)
})

test('a reader that goes is noticed, while it is written to and while nothing is', async () => {
  const ends: string[] = []
  const busy = await open(async to => {
    while (await to.write(piece));
    ends.push('busy')
  })
  const idle = await open(async to => {
    await to.write('hello')
    await new Promise<void>(resolve => to.signal.addEventListener('abort', () => resolve()))
    expect(await to.write('more')).toBe(false)
    ends.push('idle')
  })
  idle.once('data', () => idle.destroy())
  idle.resume()
  busy.once('data', () => busy.destroy())
  busy.resume()
  await expect.poll(() => ends.toSorted()).toEqual(['busy', 'idle'])
})

test('what fails while it is written cuts the answer off, so that it does not look whole', async () => {
  let fail = (): void => undefined
  const failed = new Promise<void>(resolve => (fail = resolve))
  const client = await open(async to => {
    await to.write('half')
    await failed
    throw new Error('no more')
  })
  let text = ''
  client.on('data', chunk => {
    text += String(chunk)
    if (text.includes('half')) fail()
  })
  client.resume()
  await new Promise(resolve => client.once('close', resolve))
  expect(text).toContain('half')
  expect(text).not.toMatch(/\r\n0\r\n/)
})
