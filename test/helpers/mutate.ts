import { Buffer } from 'node:buffer'
import type { RawHeaders } from '../../src/core/headers.ts'
import type { Dice } from './dice.ts'

/** A request to a callback URL. */
export interface FuzzRequest {
  method: string
  headers: RawHeaders
  body: Buffer
  /** What follows the callback URL. */
  suffix: string
}

const oddTexts = [
  '{"__proto__":{"a":1}}',
  '{"constructor":{"prototype":1}}',
  `${'['.repeat(3_000)}${']'.repeat(3_000)}`,
  '{"a":'.repeat(2_000),
  '[]',
  '{}',
  'null',
  '"a"',
  '-0',
  '1e999',
  '90071992547409931234567890',
  '\ufeff{}',
  '\u0000',
  'a=1&a=2&a[b]=3&=&&%zz',
  `[${'{},'.repeat(12_000)}{}]`,
]
const oddValues = [
  '',
  ' ',
  '\t',
  '0',
  '-1',
  '1e99',
  '=',
  't=1,v1=',
  'v1,',
  'sha256=',
  'Bearer a.b.c',
  '__proto__',
  ',,,',
]
const oddSuffixes = [
  '/',
  '//',
  '/..',
  '/%2e%2e/other',
  '/%',
  '/%zz',
  '?',
  '?a=%',
  '/a?b=c&b=d',
  '?challenge=1',
  '/a#b',
  '/%00',
]
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']
const swaps: [RegExp, string][] = [
  [/:\s*"[^"]*"/, ':null'],
  [/:\s*"[^"]*"/, ':{"a":[]}'],
  [/:\s*"[^"]*"/, ':12345678901234567890.5'],
  [/:\s*\d+/, ':"text"'],
  [/:\s*\d+/, ':-1e400'],
  [/"(\w+)":/, '"$1":1,"$1":'],
  [/"(\w+)":/, '"__proto__":'],
  [/\[/, '[[],'],
  [/\{/, '[{'],
  [/,/, ',,'],
  [/"/, '\\"'],
  [/[a-z]/, '\ud800'],
]

/** Changes the bytes of a body in one way. */
export function mutateBody(body: Buffer, dice: Dice): Buffer {
  const at = dice.below(body.length + 1)
  const end = Math.min(body.length, at + 1 + dice.below(40))
  const noise = Buffer.from(Array.from({ length: 1 + dice.below(20) }, () => dice.below(256)))
  switch (dice.below(8)) {
    case 0:
      return Buffer.concat([body.subarray(0, at), noise, body.subarray(at)])
    case 1:
      return Buffer.concat([body.subarray(0, at), body.subarray(end)])
    case 2:
      return Buffer.concat([body.subarray(0, end), body.subarray(at)])
    case 3:
      return body.subarray(0, at)
    case 4:
      return Buffer.from(dice.pick(oddTexts))
    case 5:
      return Buffer.concat([body.subarray(0, at), Buffer.from([dice.below(256)]), body.subarray(at + 1)])
    default:
      return swapText(body, dice)
  }
}

/** Puts something odd in the place of one value, name or mark of a text. */
function swapText(body: Buffer, dice: Dice): Buffer {
  const [pattern, text] = dice.pick(swaps)
  const all = body.toString('latin1')
  const from = dice.below(all.length + 1)
  return Buffer.from(all.slice(0, from) + all.slice(from).replace(pattern, text), 'latin1')
}

/** Changes anything but the body in one way. */
export function mutateRest(request: FuzzRequest, dice: Dice): FuzzRequest {
  switch (dice.below(8)) {
    case 0:
      return { ...request, method: dice.pick(methods) }
    case 1:
      return { ...request, suffix: request.suffix + dice.pick(oddSuffixes) }
    case 2:
      return { ...request, suffix: flipText(request.suffix, dice) }
    default:
      return { ...request, headers: mutateHeaders(request.headers, dice) }
  }
}

function mutateHeaders(headers: RawHeaders, dice: Dice): RawHeaders {
  const pairs = Array.from({ length: headers.length / 2 }, (_, index) => headers.slice(index * 2, index * 2 + 2))
  const index = dice.below(Math.max(1, pairs.length))
  const [name = 'x-none', value = ''] = pairs[index] ?? []
  const changes: string[][][] = [
    [],
    [
      [name, value],
      [name, value],
    ],
    [[name, dice.pick(oddValues)]],
    [[name, flipText(value, dice)]],
    [[name, flipText(value, dice)]],
    [[name, 'a'.repeat(8_000)]],
    [[name.toUpperCase(), value]],
    [[name, `${value}, ${value}`]],
    [
      [`whs-${name}`, value],
      [name, value],
    ],
    [
      ['content-encoding', dice.pick(['gzip', 'br', 'identity', 'a'])],
      [name, value],
    ],
    [['content-type', dice.pick(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])]],
  ]
  return [...pairs.slice(0, index), ...dice.pick(changes), ...pairs.slice(index + 1)].flat()
}

/** Another letter or digit in the place of one. */
function flipText(text: string, dice: Dice): string {
  const at = dice.below(Math.max(1, text.length))
  const letter = dice.pick([...'0123456789abcdefXYZ=+-_.:/,'])
  return text.slice(0, at) + letter + text.slice(at + 1)
}
