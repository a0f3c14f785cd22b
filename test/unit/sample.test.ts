import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { WhsError } from '../../src/core/errors.ts'
import { readItems } from '../../src/core/ingest.ts'
import { composeSample, joinSamples } from '../../src/core/sample.ts'
import { freshId, sameTimeFormat } from '../../src/core/sample-values.ts'
import { setValues } from '../../src/core/set-value.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'

const random = Buffer.alloc(16, 3)

describe('what is written into a sample', () => {
  test('a value of a later provider stands in a header, in a piece of a text, or at the first of several places', () => {
    const definition: ProviderDefinition = {
      ...quickbooks,
      webhook: {
        ...quickbooks.webhook,
        split: ['$'],
        shapes: [
          {
            name: 'one',
            when: '@.topic',
            providerEvent: '@.topic',
            id: { first: ['@.uid', '@.id'] },
            resource: { type: '@.topic', id: { part: { of: '@.gid', by: '/', from: 3 } } },
            accounts: [{ kind: 'realm', at: { header: 'X-Shop' } }],
          },
        ],
      },
    }
    const sample = {
      headers: ['x-shop', 'old.example', 'Accept', '*/*'],
      body: Buffer.from('{"topic":"a.b", "id" : 1234567890, "gid":"gid://Product/77"}'),
    }
    const made = composeSample(definition, sample, { accounts: { realm: 'new.example' }, random, resourceId: '4711' })
    expect(made.headers).toEqual(['x-shop', 'new.example', 'Accept', '*/*'])
    expect(made.body.toString()).toMatch(/^\{"topic":"a\.b", "id" : \d{10}, "gid":"gid:\/\/Product\/4711"\}$/)
    expect(made.body.toString()).not.toContain('1234567890')
    expect(() => joinSamples(definition, [made, made])).toThrow(WhsError)
  })

  test('two items of one notification get one account, and ids of their own', () => {
    const legacy = {
      headers: [],
      body: Buffer.from(
        '{"eventNotifications":[{"realmId":"1","dataChangeEvent":{"entities":[{"name":"Bill","id":"1","operation":"Create"},{"name":"Bill","id":"2","operation":"Create"}]}}]}',
      ),
    }
    const made = composeSample(quickbooks, legacy, { accounts: { realm: '99' } })
    expect(made.body.toString()).toBe(legacy.body.toString().replace('"realmId":"1"', '"realmId":"99"'))
    const event = '{"specversion":"1.0","id":"evt_1","type":"a.b.c","intuitaccountid":"1"}'
    const cloud = { headers: [], body: Buffer.from(`[${event},${event}]`) }
    const ids = readItems(quickbooks, { method: 'POST', ...composeSample(quickbooks, cloud, { random }) })
    expect(new Set(ids.map(item => item.providerEventId)).size).toBe(2)
  })

  test('a sample without an account where one must stand is refused', () => {
    const sample = { headers: [], body: Buffer.from('[{"specversion":"1.0"}]') }
    expect(() => composeSample(quickbooks, sample, { accounts: { realm: '1' } })).toThrow(/sample cannot be used/)
    expect(() => composeSample(quickbooks, { ...sample, body: Buffer.from('[]') }, {})).toThrow(WhsError)
    expect(() => composeSample(quickbooks, { ...sample, body: Buffer.from('nonsense') }, {})).toThrow(WhsError)
  })

  test('samples of one company join in its own list, another company gets one of its own', () => {
    const legacy = (realm: string, id: string) => ({
      headers: [],
      body: Buffer.from(
        `{"eventNotifications":[{"realmId":"${realm}","dataChangeEvent":{"entities":[{"id":"${id}","operation":"Create"}]}}]}`,
      ),
    })
    const joined = joinSamples(quickbooks, [legacy('1', 'a'), legacy('1', 'b'), legacy('2', 'c')])
    const { eventNotifications } = JSON.parse(joined.body.toString()) as {
      eventNotifications: { realmId: string; dataChangeEvent: { entities: { id: string }[] } }[]
    }
    const ids = eventNotifications.map(one => [one.realmId, ...one.dataChangeEvent.entities.map(({ id }) => id)])
    expect(ids).toEqual([
      ['1', 'a', 'b'],
      ['2', 'c'],
    ])
  })

  test('ids keep their form and differ by randomness and index', () => {
    const uuid = '6e213013-158a-4b44-9215-fed2772e0ab5'
    expect(freshId(`${uuid}-Invoice-130`, random, 0)).toMatch(/^[0-9a-f-]{36}-Invoice-130$/)
    expect(freshId(uuid, random, 0)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(freshId('evt_1MqqbKLt4dXK03v5qaIbiNCC', random, 0)).toMatch(
      /^evt_\d[A-Z][a-z]{3}[A-Z]{2}[a-z]\d[A-Za-z\d]{15}$/,
    )
    expect(freshId('CH7788990077ab990077889900778899ff', random, 0)).toMatch(/^CH\d{10}[a-f]{2}\d{18}[a-f]{2}$/)
    expect(freshId('https://api.example.com/no_shows/NS42', random, 0)).toMatch(
      /^https:\/\/api\.example\.com\/no_shows\/[A-Z]{2}\d{2}$/,
    )
    expect(freshId('ana@acme.example', random, 0)).toMatch(/^[a-z]{3}@acme\.example$/)
    expect(freshId('acme-holdings.example.com', random, 0)).toMatch(/^acme-[a-z]{8}\.example\.com$/)
    expect(freshId(uuid, random, 0)).toBe(freshId(uuid, random, 0))
    expect(freshId(uuid, random, 1)).not.toBe(freshId(uuid, random, 0))
    expect(freshId(uuid, Buffer.alloc(16, 4), 0)).not.toBe(freshId(uuid, random, 0))
  })

  test('times keep their form', () => {
    const at = Date.UTC(2027, 0, 2, 3, 4, 5, 678)
    expect(sameTimeFormat('2026-03-17T16:19:17Z', at)).toBe('2027-01-02T03:04:05Z')
    expect(sameTimeFormat('2026-03-17T16:19:17.000Z', at)).toBe('2027-01-02T03:04:05.678Z')
    expect(sameTimeFormat('1773764357', at)).toBe('1798859045')
    expect(sameTimeFormat('1773764357000', at)).toBe('1798859045678')
  })
})

describe('--set', () => {
  const body = Buffer.from('[{"specversion":"1.0","n": 1,"text":"a","flag":true,"data":{},"list":[{"x":1}]}]')
  const set = (path: string, value: string) => setValues(quickbooks, body, [{ path, value }]).toString()

  test.each([
    ['n', '12345678901234567890', '"n": 12345678901234567890,'],
    ['n', 'many', '"n": "many",'],
    ['@.text', '7', '"text":"7",'],
    ['text', 'say "hi"', '"text":"say \\"hi\\"",'],
    ['flag', 'false', '"flag":false,'],
    ['flag', 'no', '"flag":"no",'],
    ['data', '{"a":[1]}', '"data":{"a":[1]},'],
    ['data.deletedid', '56', '"data":{"deletedid":56}'],
    ['fresh', 'new', '"list":[{"x":1}],"fresh":"new"}]'],
    ["['odd key']", 'null', ',"odd key":null}]'],
    ['list[0].x', '2', '"list":[{"x":2}]'],
    ['$[0].n', '9', '"n": 9,'],
  ])('%s=%s', (path, value, wanted) => {
    const text = set(path, value)
    expect(text).toContain(wanted)
    expect(() => JSON.parse(text)).not.toThrow()
  })

  test('every item gets the value, and later ones see earlier ones', () => {
    const two = Buffer.from('[{"specversion":"1.0"},{"specversion":"1.0","a":{}}]')
    const values = [
      { path: 'a', value: '{}' },
      { path: 'a.b', value: 'x' },
    ]
    expect(setValues(quickbooks, two, values).toString()).toBe(
      '[{"specversion":"1.0","a":{"b":"x"}},{"specversion":"1.0","a":{"b":"x"}}]',
    )
  })

  test.each(['nothing.here', 'list[7].x', 'list[*].x', 'a b', '$', 'text.below', 'list[9]'])('%s is refused', path => {
    expect(() => set(path, '1')).toThrow(expect.objectContaining({ code: 'bad-set', exit: 2 }))
  })
})
