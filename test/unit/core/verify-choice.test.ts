import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { type Accepted, ingest } from '../../../src/core/ingest.ts'
import type { Keyring, SecretCandidate } from '../../../src/core/keyring.ts'
import { verifyDelivery } from '../../../src/core/verify.ts'
import type { Key, Scheme } from '../../../src/core/webhook-definition.ts'
import { hmacOf, hs256, jwtOf } from '../../helpers/scheme-cases.ts'
import {
  appSecret,
  event,
  hmacScheme,
  hookSecret,
  keyring,
  now,
  post,
  smallWith,
} from '../../helpers/small-definition.ts'

const strong: Scheme = { ...hmacScheme, name: 'v2', header: { names: ['x-signature-v2'] }, key: { secret: 'signing' } }
const weak: Scheme = { ...hmacScheme, name: 'v1' }
const urlKey: Scheme = { scheme: 'url-key' }
const ofWeak = ['x-signature', hmacOf('k', event)]
const ofStrong = ['x-signature-v2', hmacOf('s', event)]
const bad = ['x-signature-v2', '0'.repeat(64)]
const both = [appSecret('s', 2, 'signing'), appSecret('k')]

function judge(schemes: Scheme[], headers: string[], secrets: SecretCandidate[], more: Partial<Keyring> = {}) {
  const verdict = verifyDelivery(smallWith(...schemes), post(event, headers), keyring(secrets, more))
  return verdict.verified ? verdict.scheme : verdict.reason
}

describe('of several schemes the strongest that is there decides', () => {
  test.each<[string, string[], SecretCandidate[], number | string]>([
    ['both are right', [...ofStrong, ...ofWeak], both, 0],
    ['the strong one alone', ofStrong, both, 0],
    ['the weak one alone', ofWeak, both, 1],
    ['the strong one is wrong, though the weak one be right', [...bad, ...ofWeak], both, 'wrong-secret'],
    ['the strong one is doubled, though the weak one be right', [...bad, ...bad, ...ofWeak], both, 'doubled-header'],
    ['the strong one is empty: as if it were not there', ['x-signature-v2', '', ...ofWeak], both, 1],
    ['the strong one has no secret stored', [...ofStrong, ...ofWeak], [appSecret('k')], 1],
    ['neither is there', [], both, 'missing-header'],
    ['neither is there, and one could not be proved', [], [appSecret('k')], 'missing-header'],
    ['one is there that could not be proved', ofStrong, [appSecret('k')], 'no-secret'],
    ['one is there that could not be proved, the other way round', ofWeak, [both[0] as SecretCandidate], 'no-secret'],
    ['nothing is stored', [], [], 'no-secret'],
  ])('%s', (_, headers, secrets, wanted) => {
    expect(judge([strong, weak], headers, secrets)).toBe(wanted)
  })

  test('a scheme holds only where its condition does', () => {
    const picky: Scheme = { ...strong, when: { at: { header: 'x-version' }, is: ['2', '3'] } }
    expect(judge([picky, weak], ['x-version', '2', ...bad, ...ofWeak], both)).toBe('wrong-secret')
    expect(judge([picky, weak], ['x-version', '1', ...bad, ...ofWeak], both)).toBe(1)
    expect(judge([picky], ['x-version', '1', ...ofStrong], both)).toBe('missing-header')
    const ofBody: Scheme = { ...strong, when: { at: '$.type', is: 'thing.created' } }
    expect(judge([ofBody, weak], [...bad, ...ofWeak], both)).toBe('wrong-secret')
  })

  test('a JSON Web Token that is wrong is not saved by a weaker scheme', () => {
    const token = ['authorization', `Bearer ${jwtOf({ alg: 'none' }, { exp: now })}`]
    expect(judge([hs256, { ...weak, key: { secret: 'signing' } }], [...token, ...ofWeak], both)).toBe('wrong-token')
  })
})

describe('a key in the URL behind a signature', () => {
  const signed: Scheme = { ...weak, key: { secret: 'webhook', of: 'activation' } }
  const right = ['x-signature', hmacOf('h', event)]

  test.each<[string, string[], SecretCandidate[], number | null, number | string]>([
    ['a hook without a secret of its own', [], [], 7, 1],
    ['a hook whose secret signed', right, [hookSecret('h', 7)], 7, 0],
    ['a hook that has a secret, and does not sign', [], [hookSecret('h', 7)], 7, 'missing-header'],
    ['a hook that has a secret, and signs wrong', bad.with(0, 'x-signature'), [hookSecret('h', 7)], 7, 'wrong-secret'],
    ['a hook without a secret, beside another that has one', [], [hookSecret('h', 8)], 7, 1],
    ['the secret of another hook', right, [hookSecret('h', 8), hookSecret('i', 7)], 7, 'wrong-secret'],
    ['a key that nobody knows', [], [hookSecret('h', 7)], null, 'unknown-key'],
  ])('%s', (_, headers, secrets, activation, wanted) => {
    expect(judge([signed, urlKey], headers, secrets, { activation })).toBe(wanted)
  })
})

describe('which secrets are tried', () => {
  const key = (of: Key['of']): Scheme => ({ ...weak, key: { secret: 'webhook', ...(of ? { of } : {}) } })
  const secrets = [
    appSecret('app'),
    hookSecret('one', 1, 'hook-1'),
    hookSecret('two', 2, 'hook-2'),
    hookSecret('new', 3),
  ]
  const by = (secret: string) => ['x-signature', hmacOf(secret, event)]

  test.each<[Key['of'], string, number | string | null]>([
    [undefined, 'app', null],
    [undefined, 'one', 'wrong-secret'],
    ['app', 'one', 'wrong-secret'],
    ['activation', 'app', 'wrong-secret'],
    ['activation', 'two', 2],
    ['either', 'app', null],
    ['either', 'two', 2],
  ])('of %s: %s', (of, secret, wanted) => {
    const verdict = verifyDelivery(smallWith(key(of)), post(event, by(secret)), keyring(secrets))
    expect(verdict.verified ? verdict.activation : verdict.reason).toBe(wanted)
  })

  test.each<[string, string | null, string, boolean]>([
    ['its own', 'hook-2', 'two', true],
    ['another’s', 'hook-1', 'two', false],
    ['one whose id is not known yet', 'hook-9', 'new', true],
    ['the app’s own', 'hook-9', 'app', true],
    ['where none is named, any', null, 'one', true],
    ['where an empty one is named, any', '', 'one', true],
  ])('a delivery that names its hook: %s', (_, named, secret, wanted) => {
    const scheme: Scheme = { ...weak, key: { secret: 'webhook', of: 'either', activation: { header: 'x-hook' } } }
    const headers = [...by(secret), ...(named === null ? [] : ['X-Hook', named])]
    const verdict = verifyDelivery(smallWith(scheme), post(event, headers), keyring(secrets))
    expect(verdict.verified).toBe(wanted)
  })

  test('the hook may be named in the body, before the body is believed', () => {
    const scheme: Scheme = { ...weak, key: { secret: 'webhook', of: 'activation', activation: '$.id' } }
    const named = [hookSecret('one', 1, 'e1'), hookSecret('two', 2, 'e2')]
    const of = (secret: string) => verifyDelivery(smallWith(scheme), post(event, by(secret)), keyring(named))
    expect(of('one')).toMatchObject({ verified: true, activation: 1 })
    expect(of('two')).toMatchObject({ verified: false, reason: 'wrong-secret' })
  })

  test('the key in the URL leaves only the secret of its hook, and the app’s', () => {
    const at = (activation: number, secret: string) =>
      verifyDelivery(smallWith(key('either')), post(event, by(secret)), keyring(secrets, { activation }))
    expect(at(1, 'one')).toMatchObject({ verified: true, activation: 1 })
    expect(at(1, 'two')).toMatchObject({ verified: false, reason: 'wrong-secret' })
    expect(at(3, 'new')).toMatchObject({ verified: true, activation: 3 })
    expect(at(9, 'one')).toMatchObject({ verified: false, reason: 'wrong-secret' })
  })

  test('what the app’s own secret signed and the URL’s key names is bounded by that key', () => {
    const at = ingest(smallWith(key('app')), post(event, by('app')), keyring(secrets, { activation: 2 }))
    expect(at).toMatchObject({ outcome: 'accepted', activation: 2, items: [{ activation: 2 }] })
    const nameless = post('{"type":"a"}', ['x-signature', hmacOf('app', '{"type":"a"}')])
    const items = (activation: number | null) =>
      (ingest(smallWith(key('app')), nameless, keyring(secrets, { activation })) as Accepted).items
    expect(items(2)).toMatchObject([{ activation: 2, fault: null, accounts: [] }])
    expect(items(null)).toMatchObject([{ activation: null, fault: expect.stringContaining('no account') }])
  })

  test('at most fifty are tried', () => {
    const many = Array.from({ length: 60 }, (_, index) => hookSecret(`secret ${index}`, index + 1))
    const at = (index: number) =>
      verifyDelivery(smallWith(key('activation')), post(event, by(`secret ${index}`)), keyring(many)).verified
    expect([at(0), at(49), at(50), at(59)]).toEqual([true, true, false, false])
    const hook = keyring(many, { activation: 60 })
    const named = verifyDelivery(smallWith(key('activation')), post(event, by('secret 59')), hook)
    expect(named.verified).toBe(true)
  })
})

test('a token of an item belongs to the hook that the item names', () => {
  const scheme: Scheme = {
    scheme: 'token',
    at: '@.token',
    key: { secret: 'webhook', of: 'either', activation: '@.hook' },
  }
  const item = (hook: string, token: string) => JSON.stringify({ ...JSON.parse(event), hook, token })
  const secrets = [hookSecret('one', 1, 'h1'), hookSecret('two', 2, 'h2'), appSecret('app')]
  const body = `{"events":[${[item('h1', 'one'), item('h2', 'one'), item('h2', 'two'), item('h3', 'app')]}]}`
  const judged = ingest(smallWith(scheme), post(Buffer.from(body)), keyring(secrets))
  expect(judged).toMatchObject({ outcome: 'accepted', activation: null, refused: ['/events/1'] })
  expect((judged as Accepted).items.map(({ activation }) => activation)).toEqual([1, 2, null])
  const keyed = ingest(smallWith(scheme), post(body), keyring(secrets, { activation: 2 }))
  expect((keyed as Accepted).items.map(({ pointer, activation }) => [pointer, activation])).toEqual([
    ['/events/2', 2],
    ['/events/3', 2],
  ])
})
