import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { type JsonDoc, scanJson } from '../../../src/core/json-scan.ts'
import { find } from '../../../src/core/path.ts'
import { type Item, splitItems } from '../../../src/core/split.ts'

const scan = (text: string): JsonDoc => scanJson(Buffer.from(text)) as JsonDoc

/** Pointers of the items; what is kept unread has a `?` behind it. */
function pointers(text: string, ...paths: string[]): string[] | undefined {
  return splitItems(scan(text), paths)?.map(({ pointer, whole }) => pointer + (whole ? '' : '?'))
}

describe('one path', () => {
  test.each<[string, string, string[]]>([
    ['$', '{"a":1}', ['']],
    ['$', '7', ['']],
    ['$.a', '{"a":{"b":1}}', ['/a']],
    ['$.a.b', '{"a":{"c":1}}', ['/a?']],
    ['$.a[1]', '{"a":[1,2]}', ['/a/1']],
    ['$.a[2]', '{"a":[1,2]}', ['/a?']],
    ['$[*][*]', '[[1,2],[],[3],4]', ['/0/0', '/0/1', '/1?', '/2/0', '/3?']],
    ['$.a[*].b[*].c', '{"a":[{"b":[{"c":1},{"d":2}]},{"b":{}},{}]}', ['/a/0/b/0/c', '/a/0/b/1?', '/a/1/b?', '/a/2?']],
    ["$['a','b'][*]", '{"b":[1],"a":[2,3]}', ['/b/0', '/a/0', '/a/1']],
    ["$['a','b'][*]", '{"b":[1]}', ['/b/0']],
    ["$['a','b'][*]", '{"b":[],"a":7}', ['/b?', '/a?']],
    ["$['a','b']", '{"c":1}', ['?']],
    ["$[*]['x','y']", '[{"y":1,"x":2},{"z":3}]', ['/0/y', '/0/x', '/1?']],
    ["$['k/e','~']", '{"~":1,"k/e":2}', ['/~0', '/k~1e']],
    ['$.a[*]', '{"a":[1],"a":[2,3]}', ['/a/0', '/a/1']],
  ])('%s of %s', (path, text, wanted) => {
    expect(pointers(text, path)).toEqual(wanted)
  })
})

describe('several paths', () => {
  test.each<[string, string[], string, string[]]>([
    ['only those whose first step fits are walked', ['$.a[*]', '$[*]'], '[1,2]', ['/0', '/1']],
    ['two lists are both split, in the order of the body', ['$.a[*]', '$.b[*]'], '{"b":[1],"a":[2]}', ['/b/0', '/a/0']],
    [
      'an item of a later path around one of an earlier does not count',
      ['$.a[*].b[*]', '$.a[*]'],
      '{"a":[{"b":[1,2]},{"c":3}]}',
      ['/a/0/b/0', '/a/0/b/1', '/a/1'],
    ],
    ['nor one within', ['$.a[*]', '$.a[*].b[*]'], '{"a":[{"b":[1,2]}]}', ['/a/0']],
    ['the whole body only where nothing else is', ['$.events[*]', '$'], '{"events":[1]}', ['/events/0']],
    ['the whole body where the list is missing', ['$.events[*]', '$'], '{"event":1}', ['']],
    ['the whole body where the list is empty', ['$.events[*]', '$'], '{"events":[]}', ['']],
    [
      'what one path leaves unread and another reads is read',
      ['$.a.b[*]', '$.a.c[*]'],
      '{"a":{"c":[1,2]}}',
      ['/a/c/0', '/a/c/1'],
    ],
    ['what none reads is kept once, as deep as any came', ['$.a.b[*]', '$.a.b.c'], '{"a":{"b":7}}', ['/a/b?']],
    ['of two that end early the deeper', ['$.a.b.c', '$.a.x'], '{"a":{"b":{"d":1}}}', ['/a/b?']],
    [
      'one ends early beside items of another',
      ['$.a[*].b', '$.c[*]'],
      '{"c":[1],"a":[{"x":1},{"b":2}]}',
      ['/c/0', '/a/0?', '/a/1/b'],
    ],
    ['nothing fits', ['$.a[*]', '$.b'], '{"c":1}', ['?']],
    ['a scalar', ['$.a[*]', '$[*]'], '"a"', ['?']],
    ['nothing but blanks between', ['$.a[*]'], ' { "a" : [ 1 , 2 ] } ', ['/a/0', '/a/1']],
  ])('%s', (_, paths, text, wanted) => {
    expect(pointers(text, ...paths)).toEqual(wanted)
  })
})

test('each item knows the elements above it, so that paths from the body name its own ancestors', () => {
  const doc = scan('{"o":[{"id":"a","e":[{"x":[1,2]}]},{"id":"b","e":[{"x":[3]},{"y":0}]}]}')
  const items = splitItems(doc, ['$.o[*].e[*].x[*]']) as Item[]
  expect(items.map(item => [item.pointer, item.stars.map(({ pointer }) => pointer)])).toEqual([
    ['/o/0/e/0/x/0', ['/o/0', '/o/0/e/0', '/o/0/e/0/x/0']],
    ['/o/0/e/0/x/1', ['/o/0', '/o/0/e/0', '/o/0/e/0/x/1']],
    ['/o/1/e/0/x/0', ['/o/1', '/o/1/e/0', '/o/1/e/0/x/0']],
    ['/o/1/e/1', ['/o/1', '/o/1/e/1']],
  ])
  expect(items.map(item => find(doc, '$.o[*].id', item)?.pointer)).toEqual(['/o/0/id', '/o/0/id', '/o/1/id', '/o/1/id'])
  expect(find(doc, '$.o[*].e[*].x[*]', items[3] as Item)).toBeUndefined()
})

describe('how many', () => {
  const list = (count: number) => `[${'0,'.repeat(count - 1)}0]`

  test.each([
    [10_000, 10_000],
    [10_001, undefined],
    [1_000_000, undefined],
  ])('a list of %i', (count, wanted) => {
    const doc = scan(`{"a":${list(count)},"b":1}`)
    const begun = performance.now()
    expect(splitItems(doc, ['$.a[*]', '$'])?.length).toBe(wanted)
    expect(performance.now() - begun).toBeLessThan(2000)
  })

  test('lists in lists, two paths, and what ends early, count together', () => {
    expect(pointers(`[${`${list(1000)},`.repeat(9)}${list(1000)}]`, '$[*][*]')).toHaveLength(10_000)
    expect(pointers(`[${`${list(1000)},`.repeat(10)}${list(1000)}]`, '$[*][*]')).toBeUndefined()
    expect(pointers(`{"a":${list(6000)},"b":${list(6000)}}`, '$.a[*]', '$.b[*]')).toBeUndefined()
    expect(pointers(list(10_001), '$[*].a')).toBeUndefined()
  })
})
