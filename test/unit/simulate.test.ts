import { Buffer } from 'node:buffer'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { holds } from '../../src/core/holds.ts'
import { readItems } from '../../src/core/ingest.ts'
import { answerContext, readValue } from '../../src/core/value.ts'
import type { Value, When } from '../../src/core/value-definition.ts'
import { providers } from '../../src/providers/index.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { matchUrl } from '../../src/simulate/answers/match-url.ts'
import { makeHold, writeAnswer, writeItems } from '../../src/simulate/answers/write-answer.ts'
import { openDeliveries } from '../../src/simulate/deliveries.ts'
import { exampleOf } from '../../src/simulate/example-text.ts'
import { readRole, simulatorHosts } from '../../src/simulate/hosts.ts'
import { madeFixtures } from '../../src/simulate/made-fixtures.ts'
import { pluralOf } from '../../src/simulate/pages/event-forms.ts'

describe('fixtures that are made from a definition', () => {
  test.each(providers.map(one => [one.id, one] as const))(
    '%s: three companies that its patterns tell apart',
    (_, one) => {
      const { accounts } = madeFixtures(one)
      for (const { kind, pattern } of one.accounts) {
        const values = accounts.map(({ values }) => values[kind] ?? '')
        for (const value of values) expect(value).toMatch(new RegExp(pattern))
        expect(new Set(values).size, `${kind}: ${values.join(' ')}`).toBe(3)
      }
    },
  )

  test('nearly every shape that a provider has gets deliveries, which are read as that shape', () => {
    const shapes = providers.flatMap(one => [...madeFixtures(one).events].map(([, events]) => events.length))
    expect(shapes.filter(count => count > 0).length / shapes.length).toBeGreaterThan(0.85)
    const { events, sample } = madeFixtures(quickbooks)
    expect(events.get('cloudevents')).toContain('record.created')
    const [item] = readItems(quickbooks, { method: 'POST', ...sample('cloudevents', 'record.created') })
    expect(item).toMatchObject({ shape: 'cloudevents', event: 'record.created', accounts: [[{ value: '4480000001' }]] })
  })
})

test.each([
  ['company', 'companies'],
  ['shop', 'shops'],
  ['mailbox', 'mailboxes'],
  ['address', 'addresses'],
  ['day', 'days'],
] as const)('one %s, two %s', (noun, plural) => {
  expect(pluralOf(noun)).toBe(plural)
})

describe('the schedule of tries', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test.each([1, 1000])('is the definition’s divided by %i, and its last pause repeats', async timeScale => {
    const tries: number[] = []
    const httpCall = async () => {
      tries.push(Date.now())
      return { status: 500, headers: {}, body: Buffer.alloc(0) }
    }
    const deliveries = openDeliveries({ definition: quickbooks, timeScale, now: Date.now, httpCall })
    const facts = { clientId: 'a', hook: null, events: [], shape: 'any', forged: false, bytes: 1 }
    const request = (url: string) => ({ method: 'POST', url, headers: [], body: Buffer.from('x') })
    const sent = await deliveries.send({ ...facts, request, url: () => 'http://127.0.0.1:1/' })
    await vi.advanceTimersByTimeAsync(200_000_000 / timeScale)
    const pauses = tries.slice(1).map((at, index) => ((at - (tries[index] as number)) * timeScale) / 1000)
    expect(pauses.slice(0, 10)).toEqual([...quickbooks.webhook.retries, 21600, 21600])
    expect(sent).toMatchObject({ tried: tries.length })
    expect(sent.tries.length).toBeLessThanOrEqual(20)
    deliveries.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a URL template as a pattern', () => {
  const template = '{api}/v3/company/{account}/companyinfo/{account}?minorversion=75&x={since}&q=id-{id}'
  const place = (path: string, query = '', role = 'api', slots = {}) => ({
    role,
    slots,
    path,
    query: new URLSearchParams(query),
  })

  test('slots are decoded, and one that comes twice must be the same', () => {
    const query = 'x=1%2B1&q=id-7'
    expect(matchUrl(template, place('/v3/company/a%2Fb/companyinfo/a%2Fb', query))).toEqual({
      account: 'a/b',
      since: '1+1',
      id: '7',
    })
    expect(matchUrl(template, place('/v3/company/1/companyinfo/2'))).toBeUndefined()
    expect(matchUrl(template, place('/v3/company/1/companyinfo/1'))).toEqual({ account: '1', since: '' })
  })

  test('a slot may be a part of a segment or have a dotted name, and the host’s own count', () => {
    const url = '{api}/{resourceType}s/{account.site}.json'
    expect(matchUrl(url, place('/orders/7.json', '', 'api', { shop: 'acme' }))).toEqual({
      shop: 'acme',
      resourceType: 'order',
      'account.site': '7',
    })
    expect(matchUrl('{api}/{shop}', place('/globex', '', 'api', { shop: 'acme' }))).toBeUndefined()
  })

  test('other paths, roles and broken escapes are none', () => {
    for (const path of [
      '/v3/company/1/companyinfo/1/',
      '/v3/company//companyinfo/',
      'x/v3/company/1/companyinfo/1',
      '/v3/company/%ff/companyinfo/%ff',
    ]) {
      expect(matchUrl(template, place(path))).toBeUndefined()
    }
    expect(matchUrl('{api}/a.b', place('/axb'))).toBeUndefined()
    expect(matchUrl('{api}/a.b', place('/a.b', '', 'token'))).toBeUndefined()
    expect(matchUrl('{api}/a.b', place('/a.b'))).toEqual({})
  })
})

describe('hosts', () => {
  const definition = {
    ...quickbooks,
    hosts: { production: { authorize: 'https://{shop}.example.com', api: 'https://api.example.com' } },
  }

  test('a host with a slot is a path with a tilde, and is read back', () => {
    expect(simulatorHosts('http://127.0.0.1:1', definition)).toEqual({
      authorize: 'http://127.0.0.1:1/quickbooks/authorize~{shop}',
      api: 'http://127.0.0.1:1/quickbooks/api',
    })
    expect(readRole(definition, 'authorize~acme')).toEqual({ role: 'authorize', slots: { shop: 'acme' } })
    expect(readRole(definition, 'api')).toEqual({ role: 'api', slots: {} })
    for (const text of ['authorize', 'api~acme', 'token', '']) expect(readRole(definition, text)).toBeUndefined()
  })
})

test.each([
  ['^CN[0-9a-fA-F]{32}$', 'CN0123abcdABCD0123abcdABCD0123abcd'],
  ['^https://([a-z0-9-]+)\\.example\\.com/?$', 'https://a.example.com'],
  ['(?:us|eu)[.]x', 'us.x'],
  ['^[^/]{2,5}\\d+(a|b)?$', 'xx4'],
  ['^(?!x)[a-z]$', undefined],
])('the pattern %s has the example %s', (pattern, text) => {
  expect(exampleOf(pattern)).toBe(text)
})

describe('a JSON answer that is written through values', () => {
  const read = (bytes: Buffer, value: Value): string | undefined => {
    const context = answerContext(bytes)
    return context && readValue(context, value)?.text
  }

  test.each<[string, Value, string]>([
    ['{}', '$.a.b', 'x'],
    ['{"a":null}', '$.a.b', 'x'],
    ['{"a":{"b":9007199254740993},"c":[1]}', '$.a.b', '9007199254740995'],
    ['{}', "$['odd name'][0].id", '7'],
    ['[]', '$[0].id', 'x'],
    ['{"b":"old"}', { first: ['$.a', '$.b'] }, 'new'],
    ['{}', { first: ['$.a', '$.b'] }, 'new'],
    ['{}', { part: { of: '$.a', by: '/', from: 3, to: 4 } }, 'acme'],
    [
      '{"a":"https://x.example.com/p"}',
      { capture: { of: '$.a', pattern: '^https://([a-z]+)\\.example\\.com' } },
      'acme',
    ],
    ['{}', { capture: { of: '$.a', pattern: '^https://([a-z0-9-]+)\\.example\\.com$' } }, 'acme'],
    ['{}', { map: { of: '$.a', words: { 1: 'one' } } }, 'one'],
    ['{}', { join: ['$.a', '$.b'], by: ':' }, 'x:y'],
    ['{}', { template: '{$.a}/{$.b}' }, 'x/y'],
    ['{}', { base64Json: { of: '$.a', at: '$.b' } }, 'x'],
  ])('%s through %j reads as %s', (before, value, text) => {
    expect(read(writeAnswer(Buffer.from(before), value, text), value)).toBe(text)
  })

  test('what stands around it stays byte for byte', () => {
    const before = '{ "big": 9007199254740993, "a" : [ { "id": "x" } ] }'
    const after = writeAnswer(Buffer.from(before), '$.a[0].id', 'y').toString()
    expect(after).toBe(before.replace('"x"', '"y"'))
  })

  test('items are copies of the one that counts, each with its own values', () => {
    const before = Buffer.from('{"n":1,"all":[{"t":"other","id":"0"},{"t":"org","id":"1"},{"t":"org","id":"2"}]}')
    const where = { at: '@.t', is: 'org' }
    const after = writeItems(before, '$.all[*]', where, 2, (bytes, index, pick) =>
      writeAnswer(bytes, '@.id', `id-${index}`, pick),
    )
    expect(JSON.parse(after.toString())).toEqual({
      n: 1,
      all: [
        { t: 'other', id: '0' },
        { t: 'org', id: 'id-0' },
        { t: 'org', id: 'id-1' },
      ],
    })
  })

  test.each<[string, When]>([
    ['{}', '$.error'],
    ['{"ok":true}', { at: '$.ok', is: 'false' }],
    ['{}', { all: [{ at: '$.type', is: ['a', 'b'] }, { exists: '$.x' }] }],
  ])('%s is made to hold %j', (before, when) => {
    const context = answerContext(makeHold(Buffer.from(before), when))
    expect(context && holds(context, when)).toBe(true)
  })
})
