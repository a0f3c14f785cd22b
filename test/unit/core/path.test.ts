import { expect, test } from 'vitest'
import { type JsonDoc, rawAt, scanJson } from '../../../src/core/json-scan.ts'
import { compilePath, find } from '../../../src/core/path.ts'
import { type Item, splitItems } from '../../../src/core/split.ts'
import { type ItemContext, readValue } from '../../../src/core/value.ts'

function scan(text: string): JsonDoc {
  return scanJson(Buffer.from(text)) as JsonDoc
}

test.each([
  ['$', '$', []],
  ['@.a', '@', ['a']],
  ["$['a b'][0].c-d[*]", '$', ['a b', 0, 'c-d', '*']],
  ["$['it\\'s']", '$', ["it's"]],
])('%s is read', (path, root, steps) => {
  const compiled = compilePath(path)
  expect(compiled.root).toBe(root)
  const spoken = compiled.steps.map(step =>
    step === 'every' ? '*' : 'keys' in step ? step.keys : 'key' in step ? step.key : step.index,
  )
  expect(spoken).toEqual(steps)
})

test.each(['', 'a.b', '.a', '$a', '$.', '$.a.', '$..a', '$[', '$[a]', '$[-1]', "$['a]", '$.a b', '$[0', '$.a[*'])(
  '%j is no path',
  path => {
    expect(() => compilePath(path)).toThrow(/path/)
    expect(() => compilePath(path)).toThrow(/path/)
  },
)

const nested = scan('{"a":[{"id":1,"b":[{"c":"x"},{"c":"y"}]},{"id":2,"b":[{"c":"z"}]}],"k/e~y":"s"}')

function items(): Item[] {
  return splitItems(nested, ['$.a[*].b[*]']) as Item[]
}

test('an item is split off at every star, with the element that was taken there', () => {
  expect(items().map(item => [item.pointer, rawAt(nested, item.node), item.stars.map(star => star.pointer)])).toEqual([
    ['/a/0/b/0', '{"c":"x"}', ['/a/0', '/a/0/b/0']],
    ['/a/0/b/1', '{"c":"y"}', ['/a/0', '/a/0/b/1']],
    ['/a/1/b/0', '{"c":"z"}', ['/a/1', '/a/1/b/0']],
  ])
})

test('a star of a path from the body takes the element that the item has there', () => {
  const [, , third] = items() as [Item, Item, Item]
  const found = find(nested, '$.a[*].id', third)
  expect(found && [found.pointer, rawAt(nested, found.node)]).toEqual(['/a/1/id', '2'])
  expect(find(nested, '@.c', third)?.pointer).toBe('/a/1/b/0/c')
  expect(find(nested, "$['k/e~y']", third)?.pointer).toBe('/k~1e~0y')
  expect(find(nested, '$.a[0].id', third)?.pointer).toBe('/a/0/id')
  for (const path of ['@.d', '@.c.d', '@[0]', '$.a[9]', '$.a[*].b[*].c[*]', '$.missing[*].id']) {
    expect(find(nested, path, third), path).toBeUndefined()
  }
})

test.each([
  ['the first alternative whose first step fits', '[{"x":1}]', ['/0']],
  ['another alternative', '{"list":[{"x":1},{"x":2}]}', ['/list/0', '/list/1']],
  ['the deepest that exists where a step is missing', '{"list":7}', ['/list (early)']],
  ['an empty list is an item itself', '{"list":[]}', ['/list (early)']],
  ['nothing fits: the body', '{"other":[]}', [' (early)']],
  ['a scalar: the body', '7', [' (early)']],
])('split: %s', (_, text, wanted) => {
  const found = splitItems(scan(text), ['$[*]', '$.list[*]']) as Item[]
  expect(found.map(item => `${item.pointer}${item.whole ? '' : ' (early)'}`)).toEqual(wanted)
})

test('what ends early stands in its place among the others, and nothing disappears', () => {
  const doc = scan('{"n":[{"e":[1]},{"other":2},{"e":[]},{"e":[3,4]}]}')
  const found = splitItems(doc, ['$.n[*].e[*]']) as Item[]
  expect(found.map(item => [item.pointer, item.whole])).toEqual([
    ['/n/0/e/0', true],
    ['/n/1', false],
    ['/n/2/e', false],
    ['/n/3/e/0', true],
    ['/n/3/e/1', true],
  ])
})

function list(count: number): JsonDoc {
  return scan(`[${Array.from({ length: count }, () => '0').join(',')}]`)
}

test('at most 10,000 items', () => {
  expect(splitItems(list(10_000), ['$[*]'])).toHaveLength(10_000)
  expect(splitItems(list(10_001), ['$[*]'])).toBeUndefined()
})

const [first] = items() as [Item]
const query = new URLSearchParams('shop=acme')
const context: ItemContext = { doc: nested, item: first, headers: ['X-Shop', 'acme', 'x-empty', ''], query }

test.each([
  ['@.c', { text: 'x', place: '/a/0/b/0/c' }],
  ['$.a[*].id', { text: '1', place: '/a/0/id' }],
  ['@.missing', undefined],
  ['$.a', undefined],
  [{ header: 'x-shop' }, { text: 'acme', place: 'header:x-shop' }],
  [{ header: 'x-empty' }, undefined],
  [{ header: 'x-none' }, undefined],
  [{ first: ['@.missing', { header: 'x-none' }, '@.c'] }, { text: 'x', place: '/a/0/b/0/c' }],
  [{ first: ['@.missing'] }, undefined],
  [{ query: 'shop' }, { text: 'acme', place: 'query:shop' }],
  [{ query: 'none' }, undefined],
  [{ template: '{$.a[*].id}:{@.c}' }, { text: '1:x', place: '/a/0/id+/a/0/b/0/c' }],
  [{ template: '{@.missing}:{@.c}' }, undefined],
])('value %j', (value, wanted) => {
  expect(readValue(context, value)).toEqual(wanted)
})

test.each([
  [1, 3, 'invoice.created'],
  [0, undefined, 'qbo.invoice.created.v1'],
  [1, undefined, 'invoice.created.v1'],
  [-1, undefined, 'v1'],
  [7, 9, undefined],
])('pieces %s to %s of a type', (from, to, wanted) => {
  const doc = scan('[{"type":"qbo.invoice.created.v1"}]')
  const [item] = splitItems(doc, ['$[*]']) as [Item]
  const value = { part: { of: '@.type', by: '.', from, ...(to === undefined ? {} : { to }) } }
  expect(readValue({ doc, item, headers: [], query }, value)?.text).toBe(wanted)
})
