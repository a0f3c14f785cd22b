import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { setHeader } from '../../../src/core/headers.ts'
import { type Accepted, type Ingested, ingest } from '../../../src/core/ingest.ts'
import { perItem, schemeCases, secret } from '../../helpers/scheme-cases.ts'
import { appSecret, event, keyring, post, smallWith } from '../../helpers/small-definition.ts'

const body = Buffer.from(event)
const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
const token = `"token":"${secret}"`
const own = event.replace('{', `{${token},`)
const items = {
  name: 'token in each item',
  definition: smallWith(perItem),
  keyring: keyring([appSecret(secret)]),
  sign: (bytes: Buffer) => post(Buffer.from(bytes.toString('latin1').replace('{"type"', `{${token},"type"`), 'latin1')),
  header: undefined,
}
const cases = [...schemeCases, items].map(one => [one.name, one] as const)

/** What must come of all that is not right: a refusal by name, or something kept that is nobody's (or its hook's). */
function isNobodys(result: Ingested): void {
  if (result.outcome !== 'accepted') {
    expect(result).toMatchObject({ outcome: 'rejected', reason: expect.stringMatching(/^[a-z-]+$/) })
    expect((result as { detail: string }).detail).not.toBe('')
    return
  }
  expect(result.items.length).toBeGreaterThan(0)
  for (const { fault, accounts, activation } of result.items) {
    expect(accounts).toEqual([])
    if (activation === null) expect(fault).toMatch(/./)
  }
}

describe.each(cases)('%s', (name, { definition, keyring, sign, header }) => {
  const judge = (bytes: Buffer) => ingest(definition, sign(bytes), keyring)

  test('what is signed right is accepted, and says whose it is', () => {
    const wanted = { fault: null, accounts: [[{ kind: 'account', value: 'acc-1', place: '/account_id' }]] }
    expect(judge(body)).toMatchObject({ outcome: 'accepted', items: [wanted] })
  })

  test('without any proof it is refused, with no secret stored it is asked for again', () => {
    const bare = { ...sign(body), headers: ['content-type', 'application/json'], body }
    const result = ingest(definition, bare, { ...keyring, activation: null })
    const reason = name === 'key in the URL' ? 'unknown-key' : header ? 'missing-header' : 'wrong-token'
    expect(result).toMatchObject({ outcome: 'rejected', status: 401, reason })
    if (name === 'key in the URL' || name === 'jwt RS256') return
    const wanted = { outcome: 'rejected', status: 503, reason: 'no-secret' }
    expect(ingest(definition, bare, { ...keyring, secrets: [] })).toMatchObject(wanted)
    expect(ingest(definition, sign(body), { ...keyring, secrets: [] })).toMatchObject(wanted)
  })

  test.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['half of JSON', '{"type":"a","account_id":"acc-1"'],
    ['10,000 levels', deep],
    ['10,000 levels in an event', `{"type":"a","account_id":${deep}}`],
    ['an empty list of events', '{"events":[]}'],
    ['events that are none', '{"events":[null,7,"x",[],{}]}'],
    ['no account', '{"type":"a","id":"1"}'],
    ['an account that is none', '{"type":"a","account_id":{"id":"acc-1"}}'],
    ['an account that is empty', '{"type":"a","account_id":"  "}'],
    ['an account that is too long', `{"type":"a","account_id":"${'9'.repeat(600)}"}`],
    ['an account under another spelling', '{"type":"a","Account_Id":"acc-1","__proto__":{"account_id":"acc-2"}}'],
    ['bytes that are no UTF-8', '{"type":"a","account_id":"\xff\xfe"}'],
    ['a number that nobody writes', `{"a":${'9'.repeat(400)}}`],
    ['a number that is none', '{"type":"a","account_id":0x7}'],
  ])('%s as its body is kept for nobody, or refused', (_, text) => {
    isNobodys(judge(Buffer.from(text, 'latin1')))
  })

  test('of doubled keys the last counts, as in every parser behind us', () => {
    const result = judge(Buffer.from('{"type":"a","account_id":"acc-1","account_id":"acc-2"}'))
    expect((result as Accepted).items[0]?.accounts).toMatchObject([[{ value: 'acc-2' }]])
  })

  test('an account that is a huge number is that number, digit for digit', () => {
    const result = judge(Buffer.from('{"type":"a","account_id":9341453900000001234567}'))
    expect((result as Accepted).items[0]?.accounts).toMatchObject([[{ value: '9341453900000001234567' }]])
  })

  test('a compressed body is kept for nobody', () => {
    const message = sign(body)
    isNobodys(ingest(definition, { ...message, headers: [...message.headers, 'Content-Encoding', 'gzip'] }, keyring))
  })
})

const headed = schemeCases.flatMap(one => (one.header === undefined ? [] : [[one.name, one, one.header] as const]))

describe.each(headed)('%s', (_name, { definition, keyring, sign }, header) => {
  const good = sign(body)
  const given = good.headers[good.headers.findIndex(is(header)) + 1] as string

  test.each([
    ['empty', ''],
    ['blank', ' \t'],
    ['no base64 and no hex', '!§$%&/()='],
    ['of the right length and wrong', given.slice(0, -6) + (given.at(-6) === 'a' ? 'b' : 'a') + given.slice(-5)],
    ['cut off', given.slice(0, -5)],
    ['with something behind it', `${given}0`],
    ['Unicode', 'ünïcødé 😀 \u202e'],
    ['control characters', `${given}\u0000\r\n`.replace(given, 'x')],
    ['64 KB', 'a'.repeat(65_536)],
    ['64 KB of separators', ',= v1,'.repeat(11_000)],
    ['64 KB behind what is right', `${given}${'a'.repeat(65_536)}`],
  ])('a header that is %s is refused', (_, bad) => {
    const result = ingest(definition, { ...good, headers: setHeader(good.headers, header, bad) }, keyring)
    expect(result).toMatchObject({ outcome: 'rejected', status: 401, reason: expect.stringMatching(/^[a-z-]+$/) })
    const { detail } = result as { detail: string }
    expect(detail.length).toBeLessThan(400)
    if (given.length > 8) expect(detail).not.toContain(given)
    expect(detail).not.toContain(secret)
  })

  test('a header that came twice is refused, though both be right', () => {
    for (const second of ['x', given, '']) {
      const headers = [...good.headers, header.toUpperCase(), second]
      expect(ingest(definition, { ...good, headers }, keyring)).toMatchObject({ reason: 'doubled-header' })
      const before = [header.toUpperCase(), second, ...good.headers]
      expect(ingest(definition, { ...good, headers: before }, keyring)).toMatchObject({ reason: 'doubled-header' })
    }
  })
})

test.each([schemeCases[0] as (typeof schemeCases)[0], items].map(one => [one.name, one] as const))(
  '%s: a million elements are no million events',
  (_, { definition, keyring, sign }) => {
    isNobodys(ingest(definition, sign(Buffer.from(`{"events":[${'0,'.repeat(999_999)}0]}`)), keyring))
  },
)

describe('a token in each item', () => {
  const { definition, keyring } = items
  const judge = (text: string) => ingest(definition, post(text), keyring)

  test('items that do not bring it are left out and named; the others are not', () => {
    const events = [own, event, own.replace(secret, 'x'), '{}', '7', own]
    expect(judge(`{"events":[${events}]}`)).toMatchObject({
      outcome: 'accepted',
      verified: 'token',
      items: [{ pointer: '/events/0' }, { pointer: '/events/5' }],
      refused: ['/events/1', '/events/2', '/events/3', '/events/4'],
    })
  })

  test('a token in another place proves nothing', () => {
    for (const text of [`{${token},"events":[${event}]}`, `{"events":[{"x":${own}}]}`, `[${own}]`]) {
      expect(judge(text), text).toMatchObject({ outcome: 'rejected', reason: 'wrong-token' })
    }
  })
})

function is(name: string) {
  return (text: string, index: number): boolean => index % 2 === 0 && text.toLowerCase() === name
}
