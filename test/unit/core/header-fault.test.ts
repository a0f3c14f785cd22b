import { expect, test } from 'vitest'
import { headerFault } from '../../../src/core/header-fault.ts'
import type { RawHeaders } from '../../../src/core/headers.ts'
import type { HmacScheme, SignatureHeader } from '../../../src/core/webhook-definition.ts'
import { hmacScheme } from '../../helpers/small-definition.ts'

const right = 'ab'.repeat(32)
const names = ['x-sig']
const prefixed: SignatureHeader = { names, prefix: 'sha256=' }
const list: SignatureHeader = { names, list: { signature: 'v1', time: 't' } }
const words: SignatureHeader = { names, words: { version: 'v1' } }

test.each<[what: string, header: SignatureHeader, came: RawHeaders, says: string | null]>([
  ['as it should be', { names }, ['X-Sig', right], null],
  ['as it should be, behind its prefix', prefixed, ['x-sig', `sha256=${right}`], null],
  ['one of two that can be one', words, ['x-sig', `v1,zz v1,${right}`], null],
  ['doubled, which is said elsewhere', { names }, ['x-sig', 'a', 'x-sig', 'b'], null],
  ['missing', { names }, ['accept', '*'], 'header x-sig is missing'],
  ['missing, another one came', { names }, ['X-Hub-Signature', 'a'], 'header x-sig is missing; X-Hub-Signature came'],
  ['empty', { names }, ['x-sig', ' '], 'header x-sig came empty'],
  [
    'no letters of a signature',
    { names },
    ['x-sig', 'garbage!'],
    'header x-sig: the signature is no hex; it is "garbage!" (8 bytes)',
  ],
  [
    'too short, and long enough to be cut',
    { names },
    ['x-sig', right.slice(2)],
    `header x-sig: the signature has 31 bytes, HMAC-SHA256 makes 32; it begins "${right.slice(0, 23)}…" (62 bytes)`,
  ],
  [
    'no prefix',
    prefixed,
    ['x-sig', 'sha1=ab,cd'],
    'header x-sig: it does not begin with "sha256="; it is "sha1=ab,cd" (10 bytes)',
  ],
  [
    'a prefix alone',
    prefixed,
    ['x-sig', 'sha256='],
    'header x-sig: it holds nothing behind "sha256="; it is "sha256=" (7 bytes)',
  ],
  ['no pair of a list', list, ['x-sig', 't=1,v0=ab'], 'header x-sig: it has no v1=; it is "t=1,v0=ab" (9 bytes)'],
  ['an empty pair', list, ['x-sig', 't=1,v1='], 'header x-sig: its v1= holds nothing; it is "t=1,v1=" (7 bytes)'],
  [
    'no time in a list',
    list,
    ['x-sig', `v1=${right}`],
    `header x-sig: it has no t=; it begins "v1=${right.slice(0, 20)}…" (67 bytes)`,
  ],
  [
    'no word of the version',
    words,
    ['x-sig', 'v2,ab'],
    'header x-sig: it has no signature of version v1 ("v1,…"); it is "v2,ab" (5 bytes)',
  ],
  [
    'what moves a terminal',
    { names },
    ['x-sig', '\u001b[2J'],
    'header x-sig: the signature is no hex; it is "·[2J" (4 bytes)',
  ],
  [
    'a credential, which is not shown',
    { names: ['authorization'] },
    ['Authorization', 'hush'],
    'header authorization: the signature is no hex',
  ],
])('%s', (_, header, came, says) => {
  const scheme: HmacScheme = { ...hmacScheme, header }
  expect(headerFault(scheme, came)?.text ?? null).toBe(says)
})

test('a scheme that reads no signature has no such fault', () => {
  expect(headerFault({ scheme: 'url-key' }, [])).toBeNull()
})
