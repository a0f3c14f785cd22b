import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { holds } from '../../../src/core/holds.ts'
import { type JsonDoc, scanJson } from '../../../src/core/json-scan.ts'
import { splitItems } from '../../../src/core/split.ts'
import { answerContext, type ItemContext, readValue } from '../../../src/core/value.ts'
import type { Value, When } from '../../../src/core/value-definition.ts'
import { patternFaults } from '../../../src/core/value-faults.ts'
import { valueText, whenText } from '../../../src/core/value-text.ts'

const data = Buffer.from('{"mail":"a@b.example","n":7,"none":""}')
const body = {
  shop: { name: 'acme', tags: [], open: {}, full: [1] },
  list: [
    { id: 'first' },
    { id: 'qbo.invoice.created.v1', n: 12, yes: true, nil: null, blank: '', data: data.toString('base64') },
  ],
}
const doc = scanJson(Buffer.from(JSON.stringify(body))) as JsonDoc
const [, item] = splitItems(doc, ['$.list[*]']) as [never, NonNullable<ReturnType<typeof splitItems>>[0]]
const headers = ['X-Shop', 'acme', 'x-empty', '', 'x-twice', 'a', 'X-Twice', 'b', 'x-data', data.toString('base64url')]
const context: ItemContext = { doc, item, headers, query: new URLSearchParams('a=1&a=2&e=') }

const id = { text: 'qbo.invoice.created.v1', place: '/list/1/id' }

describe('values', () => {
  test.each<[Value, { text: string; place: string } | undefined]>([
    ['@.id', id],
    ['$.list[*].id', id],
    ['$.list[0].id', { text: 'first', place: '/list/0/id' }],
    ['$.shop.name', { text: 'acme', place: '/shop/name' }],
    ['@.n', { text: '12', place: '/list/1/n' }],
    ['@.yes', { text: 'true', place: '/list/1/yes' }],
    ['@.nil', undefined],
    ['@.blank', undefined],
    ['@.missing', undefined],
    ['$.shop', undefined],
    ['$.list', undefined],
    [{ header: 'x-SHOP' }, { text: 'acme', place: 'header:x-SHOP' }],
    [{ header: 'x-empty' }, undefined],
    [{ header: 'x-none' }, undefined],
    [{ header: 'x-twice' }, { text: 'a, b', place: 'header:x-twice' }],
    [{ query: 'a' }, { text: '1', place: 'query:a' }],
    [{ query: 'e' }, undefined],
    [{ query: 'none' }, undefined],
    [{ step: 0 }, { text: '1', place: 'its place' }],
    [{ step: 1 }, { text: 'list', place: 'its place' }],
    [{ step: 2 }, undefined],
    [{ text: 'thing.changed' }, { text: 'thing.changed', place: 'fixed' }],
    [{ first: ['@.missing', '@.nil', '@.blank', '@.id', { text: 'x' }] }, id],
    [{ first: ['@.missing', { query: 'none' }] }, undefined],
    [{ first: [] }, undefined],
    [
      { join: ['@.n', '@.missing', '@.id'], by: '/' },
      { text: `12/${id.text}`, place: '/list/1/n+/list/1/id' },
    ],
    [
      { join: ['@.missing', '@.n'], by: '/' },
      { text: '12', place: '/list/1/n' },
    ],
    [{ join: ['@.missing'], by: '/' }, undefined],
    [{ part: { of: '@.id', by: '.', from: 1, to: 3 } }, { ...id, text: 'invoice.created' }],
    [{ part: { of: '@.id', by: '.', from: -1 } }, { ...id, text: 'v1' }],
    [{ part: { of: '@.id', by: '.', from: 0, to: -1 } }, { ...id, text: 'qbo.invoice.created' }],
    [{ part: { of: '@.id', by: '.', from: 7 } }, undefined],
    [{ part: { of: '@.id', by: '::', from: 0 } }, id],
    [{ part: { of: '@.missing', by: '.', from: 0 } }, undefined],
    [{ template: '{@.n}-{$.shop.name}' }, { text: '12-acme', place: '/list/1/n+/shop/name' }],
    [{ template: 'no path' }, { text: 'no path', place: '' }],
    [{ template: '{@.n}{@.missing}' }, undefined],
    [{ capture: { of: '@.id', pattern: '^qbo\\.([a-z]+)' } }, { ...id, text: 'invoice' }],
    [{ capture: { of: '@.id', pattern: '(x)?' } }, undefined],
    [{ capture: { of: '@.id', pattern: '^()' } }, undefined],
    [{ capture: { of: '@.id', pattern: 'none' } }, undefined],
    [{ capture: { of: '@.missing', pattern: '(.)' } }, undefined],
    [{ map: { of: '@.n', words: { '12': 'dozen' } } }, { text: 'dozen', place: '/list/1/n' }],
    [{ map: { of: '@.n', words: { '13': 'more' } } }, { text: '12', place: '/list/1/n' }],
    [{ map: { of: '@.missing', words: {} } }, undefined],
    [{ base64Json: { of: '@.data', at: '$.mail' } }, { text: 'a@b.example', place: '/list/1/data|base64|/mail' }],
    [{ base64Json: { of: { header: 'x-data' }, at: '$.n' } }, { text: '7', place: 'header:x-data|base64|/n' }],
    [{ base64Json: { of: '@.data', at: '$.none' } }, undefined],
    [{ base64Json: { of: '@.data', at: '$.missing' } }, undefined],
    [{ base64Json: { of: '@.id', at: '$.mail' } }, undefined],
    [{ base64Json: { of: '@.missing', at: '$.mail' } }, undefined],
    [
      {
        part: {
          of: { capture: { of: { first: ['@.none', '@.id'] }, pattern: '^qbo\\.(.*)$' } },
          by: '.',
          from: 0,
          to: 1,
        },
      },
      { ...id, text: 'invoice' },
    ],
  ])('%j', (value, wanted) => {
    expect(readValue(context, value)).toEqual(wanted)
    expect(valueText(value)).toMatch(/^[^{}]|^\{@/)
    expect(valueText(value)).not.toContain('[object')
  })

  test('words that every object has are none of a map', () => {
    const read = answerContext(Buffer.from('{"a":"constructor"}')) as ItemContext
    expect(readValue(read, { map: { of: '$.a', words: {} } })?.text).toBe('constructor')
  })
})

describe('a capture', () => {
  const of = (text: string, pattern: string) =>
    readValue(answerContext(Buffer.from(JSON.stringify({ a: text }))) as ItemContext, {
      capture: { of: '$.a', pattern },
    })?.text

  test('looks at the first 512 characters only', () => {
    expect(of(`${'-'.repeat(511)}x`, '(x)')).toBe('x')
    expect(of(`${'-'.repeat(512)}x`, '(x)')).toBeUndefined()
    expect(of('a'.repeat(10_000), '^(a+)$')).toHaveLength(512)
  })

  test('takes no time, however long the text, with a pattern that a definition may have', () => {
    const begun = performance.now()
    for (const pattern of ['^(a*)a*a*b', '(a*)a*b']) {
      expect(patternFaults(pattern, { anchored: false }), pattern).toEqual([])
      of('a'.repeat(1_000_000), pattern)
    }
    expect(performance.now() - begun).toBeLessThan(3000)
  })
})

test('an answer that is no JSON has no values', () => {
  expect(answerContext(Buffer.from('<html>'))).toBeUndefined()
  expect(answerContext(Buffer.alloc(0))).toBeUndefined()
  expect(readValue(answerContext(Buffer.from('"a"')) as ItemContext, '$')).toEqual({ text: 'a', place: '' })
})

describe('conditions', () => {
  test.each<[When, boolean]>([
    ['@.id', true],
    ['@.nil', true],
    ['@.blank', true],
    ['$.shop.tags', true],
    ['@.missing', false],
    ['@.id.more', false],
    [{ at: '@.n', is: '12' }, true],
    [{ at: '@.n', is: '12.0' }, false],
    [{ at: '@.yes', is: 'true' }, true],
    [{ at: '@.n', is: ['1', '12'] }, true],
    [{ at: '@.n', is: [] }, false],
    [{ at: '@.missing', is: '' }, false],
    [{ at: '@.blank', is: '' }, false],
    [{ at: '@.nil', is: 'null' }, false],
    [{ at: { header: 'x-shop' }, is: 'acme' }, true],
    [{ exists: '@.n' }, true],
    [{ exists: '@.nil' }, false],
    [{ exists: '@.blank' }, false],
    [{ exists: { header: 'x-empty' } }, false],
    [{ equal: ['@.id', { template: '{@.id}' }] }, true],
    [{ equal: ['@.id', '@.n'] }, false],
    [{ equal: ['@.missing', '@.missing'] }, false],
    [{ absent: '@.missing' }, true],
    [{ absent: '@.nil' }, true],
    [{ absent: '@.n' }, false],
    [{ empty: '$.shop.tags' }, true],
    [{ empty: '$.shop.open' }, true],
    [{ empty: '$.shop.full' }, false],
    [{ empty: '$.shop' }, false],
    [{ empty: '@.blank' }, false],
    [{ empty: '@.nil' }, false],
    [{ empty: '$.shop.missing' }, false],
    [{ all: [] }, true],
    [{ all: ['@.id', { at: '@.n', is: '12' }] }, true],
    [{ all: ['@.id', { absent: '@.n' }] }, false],
    [{ all: [{ all: [{ empty: '$.shop.tags' }] }] }, true],
  ])('%j: %s', (when, wanted) => {
    expect(holds(context, when)).toBe(wanted)
    expect(whenText(when)).not.toContain('[object')
  })
})
