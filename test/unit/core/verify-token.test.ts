import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import type { Value } from '../../../src/core/value-definition.ts'
import { verifyDelivery } from '../../../src/core/verify.ts'
import type { Scheme } from '../../../src/core/webhook-definition.ts'
import { appSecret, event, hookSecret, keyring, post, smallWith } from '../../helpers/small-definition.ts'

const secrets = [appSecret('old', 1), appSecret('tökén', 2), appSecret('new', 3)]

function judge(scheme: Scheme, headers: string[], { body = event, suffix = '' } = {}) {
  const verdict = verifyDelivery(smallWith(scheme), post(body, headers, suffix), keyring(secrets))
  return verdict.verified ? verdict.secretId : verdict.reason
}
const token = (at: Value): Scheme => ({ scheme: 'token', at, key: { secret: 'webhook' } })

describe('a token', () => {
  const inHeader = token({ header: 'x-token' })
  test.each<[string, string[], number | string]>([
    ['the new one', ['X-Token', 'new'], 3],
    ['the old one', ['x-token', 'old'], 1],
    ['one that is not ASCII', ['x-token', 'tökén'], 2],
    ['another', ['x-token', 'newer'], 'wrong-token'],
    ['half of it', ['x-token', 'ne'], 'wrong-token'],
    ['another spelling of the same letters', ['x-token', 'tökén'.normalize('NFD')], 'wrong-token'],
    ['with a blank', ['x-token', 'new '], 'wrong-token'],
    ['both of them', ['x-token', 'old, new'], 'wrong-token'],
    ['nothing', ['x-token', ''], 'missing-header'],
    ['no header', [], 'missing-header'],
    ['twice', ['x-token', 'new', 'X-TOKEN', 'new'], 'doubled-header'],
    ['twice, once empty', ['x-token', '', 'X-TOKEN', 'new'], 'doubled-header'],
  ])('in a header: %s', (_, headers, wanted) => {
    expect(judge(inHeader, headers)).toBe(wanted)
  })

  test('behind a word, or at the first of several places', () => {
    const behind = token({ capture: { of: { header: 'authorization' }, pattern: '^Token (.+)$' } })
    expect(judge(behind, ['Authorization', 'Token new'])).toBe(3)
    expect(judge(behind, ['Authorization', 'Bearer new'])).toBe('missing-header')
    expect(judge(behind, ['Authorization', 'Token new', 'authorization', 'x'])).toBe('doubled-header')
    const first = token({ first: [{ header: 'x-new' }, { query: 'token' }] })
    expect(judge(first, ['x-new', 'new'], { suffix: '?token=x' })).toBe(3)
    expect(judge(first, [], { suffix: '?token=old' })).toBe(1)
    expect(judge(first, ['x-new', 'new', 'x-new', 'x'])).toBe('doubled-header')
  })

  test('in the body, whatever the headers say', () => {
    const inBody = token('$.secret')
    const body = '{"type":"a","secret":"new"}'
    expect(judge(inBody, [], { body })).toBe(3)
    expect(judge(inBody, ['authorization', 'a', 'authorization', 'b'], { body })).toBe(3)
    expect(judge(inBody, [], { body: '{"secret":"old","secret":"x"}' })).toBe('wrong-token')
    for (const text of ['', 'new', '{"secret":["new"]}', '{"secret":{"new":1}}', '{"secret":null}', '"new"']) {
      expect(judge(inBody, [], { body: text }), text).toBe('missing-header')
    }
  })
})

describe('Basic credentials', () => {
  const basic: Scheme = { scheme: 'basic', key: { secret: 'webhook', of: 'either' } }
  const of = (header: string[]) => {
    const ring = keyring([appSecret('user:pass:wörd', 1), hookSecret('a:b', 7), appSecret(':', 3)])
    const verdict = verifyDelivery(smallWith(basic), post(event, header), ring)
    return verdict.verified ? verdict.secretId : verdict.reason
  }
  const base64 = (text: string) => Buffer.from(text).toString('base64')

  test.each<[string, string, number | string]>([
    ['user and password', `Basic ${base64('user:pass:wörd')}`, 1],
    ['the word in another case', `bASIC   ${base64('a:b')} `, 107],
    ['without padding', 'Basic YTpi', 107],
    ['empty user and password', `Basic ${base64(':')}`, 3],
    ['another password', `Basic ${base64('a:c')}`, 'wrong-token'],
    ['more than the password', `Basic ${base64('a:b\n')}`, 'wrong-token'],
    ['a password alone', `Basic ${base64('b')}`, 'wrong-token'],
    ['another scheme', `Bearer ${base64('a:b')}`, 'missing-header'],
    ['no base64', 'Basic a:b', 'missing-header'],
    ['spare bits that are not zero', `Basic ${base64('user:pass:wörd').replace(/.=*$/, 'x$&')}`, 'missing-header'],
    ['base64 of a URL', 'Basic YT-_', 'missing-header'],
    ['base64 with something between', 'Basic YT*pi', 'missing-header'],
    ['the word alone', 'Basic', 'missing-header'],
    ['the word and a blank', 'Basic ', 'missing-header'],
    ['64 KB', `Basic ${'YTpi'.repeat(16_384)}`, 'wrong-token'],
    ['64 KB of blanks', `Basic ${' '.repeat(65_536)}`, 'missing-header'],
    ['nothing', '', 'missing-header'],
  ])('%s', (_, header, wanted) => {
    expect(of(['Authorization', header])).toBe(wanted)
  })

  test('twice', () => {
    const right = `Basic ${base64('a:b')}`
    expect(of(['authorization', right, 'Authorization', right])).toBe('doubled-header')
    expect(of(['authorization', '', 'Authorization', right])).toBe('doubled-header')
  })
})

test('the key in the URL says whose it is, and who does not know one is refused', () => {
  const scheme = smallWith({ scheme: 'url-key' })
  expect(verifyDelivery(scheme, post(event), keyring(secrets, { activation: 4 }))).toEqual({
    verified: true,
    by: 'token',
    scheme: 0,
    url: null,
    secretId: null,
    activation: 4,
  })
  expect(verifyDelivery(scheme, post(event), keyring(secrets))).toMatchObject({ reason: 'unknown-key' })
})

test('no scheme fits: it is said, and nothing is believed', () => {
  const never: Scheme = { ...token({ header: 'x-token' }), when: { exists: { header: 'x-never' } } }
  expect(verifyDelivery(smallWith(never), post(event, ['x-token', 'new']), keyring(secrets))).toEqual({
    verified: false,
    reason: 'missing-header',
    detail: 'nothing in it proves who sent it',
  })
})
