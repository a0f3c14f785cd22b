import { expect, test } from 'vitest'
import { callbackPath, prepareHome, signature, startListening } from '../helpers/listening.ts'
import { deliveryOf } from '../helpers/load.ts'
import { openRaw, statuses } from '../helpers/raw-connection.ts'
import { faultsIn, storedEvents } from '../helpers/soundness.ts'

const outer = deliveryOf([{ account: '1', id: 'outer' }])
const inner = deliveryOf([{ account: '2', id: 'inner' }])

/** A whole delivery that is well signed: whoever reads one request where there are two would take it. */
const smuggled = [
  `POST ${callbackPath}?smuggled HTTP/1.1`,
  'Host: x',
  `intuit-signature: ${signature(inner)}`,
  `Content-Length: ${inner.length}`,
  '',
  inner,
].join('\r\n')

function request(headers: string[], body: string, end = '\r\n'): string {
  const lines = [`POST ${callbackPath} HTTP/1.1`, 'Host: x', `intuit-signature: ${signature(outer)}`, ...headers]
  return lines.join(end) + end + end + body
}
const chunked = `${outer.length.toString(16)}\r\n${outer}\r\n0\r\n\r\n`
const length = `Content-Length: ${outer.length}`
const both = `Content-Length: ${outer.length + smuggled.length}`

/** Each is framed so that two readers may see its end at two places. */
const attempts: Record<string, string> = {
  'a length beside chunks': request([`Content-Length: ${chunked.length}`, 'Transfer-Encoding: chunked'], chunked),
  'chunks beside a length that covers more': request([both, 'Transfer-Encoding: chunked'], chunked + smuggled),
  'chunks beside a length of nothing': request(['Transfer-Encoding: chunked', 'Content-Length: 0'], chunked + smuggled),
  'two lengths': request([length, both], outer + smuggled),
  'two lengths in one header': request(
    [`Content-Length: ${outer.length}, ${outer.length + smuggled.length}`],
    outer + smuggled,
  ),
  'a length with a sign': request([`Content-Length: +${outer.length}`], outer + smuggled),
  'a length below nothing': request(['Content-Length: -1'], outer + smuggled),
  'a hexadecimal length': request([`Content-Length: 0x${outer.length.toString(16)}`], outer + smuggled),
  'a length with a space before the colon': request([`Content-Length : ${outer.length}`], outer + smuggled),
  'a coding that is not chunked': request(['Transfer-Encoding: xchunked', both], outer + smuggled),
  'chunked is not the last coding': request(['Transfer-Encoding: chunked, identity', both], chunked + smuggled),
  'two codings': request(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity', both], chunked + smuggled),
  'a space before the colon of the coding': request(['Transfer-Encoding : chunked', both], chunked + smuggled),
  'a coding on a folded line': request(['Transfer-Encoding:\r\n chunked', both], chunked + smuggled),
  'a header on a folded line': request([`X: a\r\n Content-Length: ${outer.length}`], outer + smuggled),
  'lines that end with LF alone': request([length], outer + smuggled, '\n'),
  'a line that ends with CR alone': request([`X: a\rContent-Length: ${outer.length}`], outer + smuggled),
  'a NUL in a header': request([`X: a\0Content-Length: ${outer.length}`], outer + smuggled),
  'chunks that end with LF alone': request(
    ['Transfer-Encoding: chunked'],
    `${outer.length.toString(16)}\n${outer}\n0\n\n${smuggled}`,
  ),
  'a chunk with a size that is too large': request(
    ['Transfer-Encoding: chunked'],
    `ffffffffffffffff${outer.length.toString(16)}\r\n${outer}\r\n0\r\n\r\n${smuggled}`,
  ),
  'a chunk with an extension that has a line in it': request(
    ['Transfer-Encoding: chunked'],
    `${outer.length.toString(16)};a=\n${outer}\r\n0\r\n\r\n${smuggled}`,
  ),
  'a chunk that is longer than it says': request(
    ['Transfer-Encoding: chunked'],
    `${(outer.length - 5).toString(16)}\r\n${outer}\r\n0\r\n\r\n${smuggled}`,
  ),
}

test('requests that two readers would take apart in two ways: refused, and nothing in them is read as a second delivery', async () => {
  const home = await prepareHome()
  const listening = await startListening([], { home })
  for (const [name, bytes] of Object.entries(attempts)) {
    const { socket, received, closed } = await openRaw(listening.url)
    socket.write(Buffer.from(bytes, 'latin1'))
    await closed
    const last = statuses(received()).at(-1)
    expect([name, last]).toEqual([name, 400])
    expect([name, storedEvents(home).map(({ providerId }) => providerId)]).toEqual([name, []])
  }
  expect(listening.stdout()).not.toContain('smuggled')
  expect(faultsIn(home)).toEqual([])
})

test('a body that is longer or shorter than it says is no delivery', async () => {
  const home = await prepareHome()
  const { url } = await startListening([], { home })
  const short = await openRaw(url)
  short.socket.end(request([`Content-Length: ${outer.length + 1}`], outer))
  await short.closed
  expect(statuses(short.received())).toEqual([400])
  const long = await openRaw(url)
  long.socket.write(request([`Content-Length: ${outer.length - 1}`], outer))
  await long.closed
  // The 401 of the first may be overtaken by the end of the connection.
  expect(statuses(long.received()).at(-1)).toBe(400)
  expect(storedEvents(home)).toEqual([])
})
