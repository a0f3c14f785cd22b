import { describe, expect, test } from 'vitest'
import { applyEdits, cutEdits, setScalar } from '../../../src/core/cut.ts'
import { readItems } from '../../../src/core/ingest.ts'
import { elements, type JsonDoc, scanJson } from '../../../src/core/json-scan.ts'
import { cutPart } from '../../../src/core/part.ts'
import { quickbooks } from '../../../src/providers/quickbooks.ts'
import { smallDefinition } from '../../helpers/small-definition.ts'

const list = '[ {"specversion":"1.0","id":"a","big":9341453900000001234567} ,\n {"id":"b","id":"c"},{"z":1,"a":2} ]'

function part(body: string, ...indexes: number[]): string | null {
  const bytes = Buffer.from(body)
  const items = readItems(quickbooks, { method: 'POST', headers: [], body: bytes })
  const starts = indexes.map(index => items[index]?.start as number)
  return cutPart(quickbooks, bytes, starts)?.toString() ?? null
}

test.each([
  [[0], '[ {"specversion":"1.0","id":"a","big":9341453900000001234567} ]'],
  [[1], '[ {"id":"b","id":"c"} ]'],
  [[2], '[ {"z":1,"a":2} ]'],
  [[0, 1], '[ {"specversion":"1.0","id":"a","big":9341453900000001234567} ,\n {"id":"b","id":"c"} ]'],
  [[0, 2], '[ {"specversion":"1.0","id":"a","big":9341453900000001234567},{"z":1,"a":2} ]'],
  [[1, 2], '[ {"id":"b","id":"c"},{"z":1,"a":2} ]'],
  [[0, 1, 2], null],
])('items %j of a list', (indexes, wanted) => {
  expect(part(list, ...indexes)).toBe(wanted)
})

const legacy =
  '{"eventNotifications":[{"realmId":"1","dataChangeEvent":{"entities":[{"id":"1"},{"id":"2"}]}},' +
  '{"realmId":"2","dataChangeEvent":{"entities":[{"id":"3"}]}}],"more":[1,2]}'

test.each([
  [
    [0, 1],
    '{"eventNotifications":[{"realmId":"1","dataChangeEvent":{"entities":[{"id":"1"},{"id":"2"}]}}],"more":[1,2]}',
  ],
  [[2], '{"eventNotifications":[{"realmId":"2","dataChangeEvent":{"entities":[{"id":"3"}]}}],"more":[1,2]}'],
  [[1], '{"eventNotifications":[{"realmId":"1","dataChangeEvent":{"entities":[{"id":"2"}]}}],"more":[1,2]}'],
])('items %j of notifications: the highest element that holds nothing kept goes', (indexes, wanted) => {
  expect(part(legacy, ...indexes)).toBe(wanted)
})

test('a whole body that is one item goes out untouched, whatever it is', () => {
  for (const body of ['not json', '{}', '7', '\ufeff[]', '']) {
    expect(cutPart(quickbooks, Buffer.from(body), [readStart(body)]), body).toBeNull()
  }
})

test('a body that was unreadable for its encoding goes out untouched, though it could be split', () => {
  const body = Buffer.from('[{"id":"a"},{"id":"b"}]')
  const [only, ...others] = readItems(quickbooks, { method: 'POST', headers: ['Content-Encoding', 'gzip'], body })
  expect(others).toEqual([])
  expect(cutPart(quickbooks, body, [only?.start as number])).toBeNull()
})

test('a body that does not split as it did is not guessed at', () => {
  expect(() => cutPart(quickbooks, Buffer.from(list), [3])).toThrow('does not split as it did')
  expect(() => cutPart(quickbooks, Buffer.from(list), [2, 5])).toThrow('does not split as it did')
  expect(() => cutPart(quickbooks, Buffer.from('[1'), [1])).toThrow('cannot be cut')
})

function readStart(body: string): number {
  return readItems(quickbooks, { method: 'POST', headers: [], body: Buffer.from(body) })[0]?.start as number
}

test('edits are made in place, whatever their order; overlapping ones are refused', () => {
  const edits = [
    { from: 4, to: 5, text: 'EE' },
    { from: 1, to: 3, text: '' },
  ]
  expect(applyEdits(Buffer.from('abcdef'), edits).toString()).toBe('adEEf')
  expect(() =>
    applyEdits(Buffer.from('abc'), [
      { from: 0, to: 2, text: '' },
      { from: 1, to: 3, text: '' },
    ]),
  ).toThrow()
})

test('elements that are no items stay where they are', () => {
  const doc = scanJson(Buffer.from('[1,[2,3],[4]]')) as JsonDoc
  const [, second] = elements(doc, 0) as [number, number, number]
  const [two, three] = elements(doc, second) as [number, number]
  expect(applyEdits(doc.bytes, cutEdits(doc, [three], [two])).toString()).toBe('[1,[3],[4]]')
})

test.each([
  ['["a"]', 'x"y', '["x\\"y"]'],
  ['[12]', '9341453900000001234567', '[9341453900000001234567]'],
  ['[12]', '-1.50', '[-1.50]'],
  ['["12"]', '13', '["13"]'],
])('a scalar of %s becomes %s: %s', (text, value, wanted) => {
  const doc = scanJson(Buffer.from(text)) as JsonDoc
  expect(applyEdits(doc.bytes, [setScalar(doc, 1, value)]).toString()).toBe(wanted)
})

describe('what stands beside the items', () => {
  const beside = (
    text: string,
    index: number,
    alongside: string[],
    split = ['$.events[*]', '$'],
  ): string | undefined => {
    const body = Buffer.from(text)
    const definition = smallDefinition({ split, alongside })
    const items = readItems(definition, { method: 'POST', headers: [], body })
    return cutPart(definition, body, [items[index]?.start as number])?.toString()
  }
  const body = '{"users":[1, 2],"who":{"a":1},"events":[{"type":"a"},{"type":"b"}],"n":7}'

  test('is emptied in a part, and nothing else is', () => {
    expect(beside(body, 1, ['$.users', '$.who', '$.n', '$.none'])).toBe(
      '{"users":[],"who":{},"events":[{"type":"b"}],"n":7}',
    )
    expect(beside(body.replace('[1, 2]', '[ ]'), 0, ['$.users'])).toContain('"users":[ ],')
    expect(beside(body.replace('[1, 2]', '[]'), 0, ['$.users'])).toContain('"users":[],')
  })

  test('stays where every item does', () => {
    expect(beside('{"users":[1],"events":[{"type":"a"}]}', 0, ['$.users'])).toBeUndefined()
  })

  test('is not emptied where it holds the part itself, and is gone with what is dropped', () => {
    expect(beside(body, 1, ['$.events', '$.events[0]', '$'])).toBe(body.replace('{"type":"a"},', ''))
    expect(beside(body, 0, ['$.events[1]'])).toBe(body.replace(',{"type":"b"}', ''))
  })

  test('is emptied once, though two paths lead to it or into it', () => {
    const nested = body.replace('"who":{"a":1}', '"who":{"a":[1]}')
    expect(beside(nested, 0, ['$.who.a', '$.who', '$.who'])).toContain('"who":{},')
  })
})

test('a form is never cut', () => {
  const definition = smallDefinition({ body: ['form'] })
  for (const body of ['type=a&account_id=x', '[{"type":"a"},{"type":"b"}]=', '{"events":[1,2]}']) {
    expect(cutPart(definition, Buffer.from(body), [0])).toBeNull()
  }
})
