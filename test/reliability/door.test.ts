import { Buffer } from 'node:buffer'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { callbackPath, type Listening, prepareHome, startListening } from '../helpers/listening.ts'
import { deliveryOf, openLoad } from '../helpers/load.ts'
import { memoryOf } from '../helpers/memory.ts'
import { openOrderBook } from '../helpers/order-book.ts'
import { openRaw, type RawConnection, statuses } from '../helpers/raw-connection.ts'
import { sized } from '../helpers/sized.ts'
import { faultsIn, storedEvents } from '../helpers/soundness.ts'

const mebibyte = 1_048_576
const slow = 500
const accounts = ['1', '2']

let home: string
let listening: Listening
let sent: string[]

beforeEach(async () => {
  home = await prepareHome()
  const { port } = await openOrderBook()
  listening = await startListening(['--forward', String(port)], { home })
  sent = []
})
afterEach(async () => {
  expect(new Set(storedEvents(home).map(({ providerId }) => providerId))).toEqual(new Set(sent))
  expect(faultsIn(home)).toEqual([])
})

/** Sends so many good deliveries and expects that each is taken. */
async function expectService(many = 20): Promise<void> {
  const { send } = openLoad(listening.url, many)
  const ids = Array.from({ length: many }, (_, index) => `n${sent.length + index}`)
  sent.push(...ids)
  const answers = await Promise.all(
    ids.map((id, index) => send(deliveryOf([{ account: accounts[index % 2] as string, id }]))),
  )
  expect(answers.filter(status => status !== 200)).toEqual([])
}

function openMany(many: number): Promise<RawConnection[]> {
  return Promise.all(Array.from({ length: many }, () => openRaw(listening.url)))
}

const head = `POST ${callbackPath} HTTP/1.1\r\nHost: x\r\n`

test('500 connections that send a header or a body byte by byte: others are served, and they are ended', async () => {
  const before = memoryOf(listening.pid)
  const connections = await openMany(slow)
  const headers = connections.filter((_, index) => index % 2 === 0)
  const bodies = connections.filter((_, index) => index % 2 === 1)
  for (const { socket } of headers) socket.write(head)
  for (const { socket } of bodies) socket.write(`${head}Content-Length: 100000\r\n\r\n`)
  for (const letter of 'X-Slow-Header') {
    for (const { socket } of connections) if (socket.writable) socket.write(letter)
    await expectService()
  }
  expect(memoryOf(listening.pid) - before).toBeLessThan(64 * mebibyte)
  // A header that is not there after 10 s is 408.
  const ended = sized(headers.slice(0, 10), headers)
  await Promise.all(ended.map(({ closed }) => closed))
  for (const one of ended) expect(statuses(one.received())).toEqual([408])
})

test('floods of headers are refused, however they come', async () => {
  const before = memoryOf(listening.pid)
  const line = (index: number): string => `X-${index}: ${'a'.repeat(200)}\r\n`
  const floods = [
    Array.from({ length: 10_000 }, (_, index) => line(index)).join(''),
    `X-One: ${'a'.repeat(2 * mebibyte)}\r\n`,
    `Cookie: ${'a=b; '.repeat(100_000)}\r\n`,
  ]
  for (let round = 0; round < sized(5, 100); round++) {
    const connections = await openMany(floods.length)
    for (const [index, { socket }] of connections.entries()) socket.write(`${head}${floods[index]}\r\n`)
    await expectService()
    await Promise.all(connections.map(({ closed }) => closed))
    for (const one of connections) expect([[], [431]]).toContainEqual(statuses(one.received()))
  }
  expect(memoryOf(listening.pid) - before).toBeLessThan(64 * mebibyte)
})

test('very many requests at once are all taken', async () => {
  const many = sized(1_000, 10_000)
  const { send } = openLoad(listening.url, many)
  const ids = Array.from({ length: many }, (_, index) => `n${index}`)
  sent.push(...ids)
  const answers = await Promise.all(
    ids.map((id, index) => send(deliveryOf([{ account: accounts[index % 2] as string, id }]))),
  )
  expect(answers.filter(status => status !== 200)).toEqual([])
  expect(memoryOf(listening.pid)).toBeLessThan(400 * mebibyte)
})

test('bodies without an end, announced or in chunks, and stalled ones: others are served, memory is bounded', async () => {
  const before = memoryOf(listening.pid)
  const connections = await openMany(12)
  const piece = Buffer.alloc(mebibyte, 'a')
  const chunk = Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])
  for (const [index, { socket }] of connections.entries()) {
    if (index % 2 === 0) socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`)
    else socket.write(`${head}Content-Length: ${31 * mebibyte}\r\n\r\n`)
  }
  // Each holds up to 30 MiB and then says nothing more, which together is more than may be held.
  for (let round = 0; round < 30; round++) {
    for (const [index, { socket }] of connections.entries())
      if (socket.writable) socket.write(index % 2 ? piece : chunk)
    await expectService(4)
  }
  await expectService(50)
  expect(memoryOf(listening.pid) - before).toBeLessThan(250 * mebibyte)
  for (const one of connections) expect([[], [503], [413]]).toContainEqual(statuses(one.received()))
  for (const { socket } of connections) socket.destroy()
  await expectService(50)
})

test('bodies over the limit are 413 and leave nothing', async () => {
  for (const framing of [`Content-Length: ${33 * mebibyte}\r\n\r\n`, 'Transfer-Encoding: chunked\r\n\r\n']) {
    const { socket, received, closed } = await openRaw(listening.url)
    socket.write(head + framing)
    const piece = Buffer.alloc(mebibyte, 'a')
    for (let count = 0; count < 33; count++) {
      socket.write(
        framing.startsWith('C') ? piece : Buffer.concat([Buffer.from('100000\r\n'), piece, Buffer.from('\r\n')]),
      )
    }
    await closed
    expect(statuses(received())).toEqual([413])
    await expectService()
  }
})
