import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type JsonDoc, kinds, rawAt, scanJson } from '../../src/core/json-scan.ts'
import { compilePath, find, rootItem } from '../../src/core/path.ts'
import { type Item, splitItems } from '../../src/core/split.ts'
import { fillUrl } from '../../src/core/url-template.ts'
import { jsonText } from '../helpers/json-texts.ts'

const step = fc.constantFrom('.a', '.b', '.a', '[*]', '[*]', '[0]', '[1]', "['a','b']", "['b','','__proto__']")
const pathOf = (one: fc.Arbitrary<string>) => fc.array(one, { maxLength: 4 }).map(steps => `$${steps.join('')}`)
const paths = fc.array(pathOf(step), { minLength: 1, maxLength: 3 })
/** JSON in which such paths lead somewhere. */
const { value } = fc.letrec<{ value: string }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    jsonText,
    fc.array(tie('value'), { maxLength: 4 }).map(all => `[${all.join(', ')}]`),
    fc
      .array(fc.tuple(fc.constantFrom('"a"', '"b"', '"\\u0061"', '""', '"__proto__"'), tie('value')), { maxLength: 4 })
      .map(all => `{${all.map(([key, one]) => `${key}:${one}`).join(' ,')}}`),
  ),
}))

function scan(text: string): JsonDoc {
  const doc = scanJson(Buffer.from(text))
  if ('fault' in doc) throw new Error(doc.fault)
  return doc
}

interface Leaf {
  pointer: string
  whole: boolean
}

/** What a path reaches, on values: the leaves, and the deepest that exists where a step is missing. */
function reach(at: unknown, pointer: string, steps: string[]): Leaf[] {
  const [first, ...rest] = steps
  if (first === undefined) return [{ pointer, whole: true }]
  const below =
    first === '[*]'
      ? Array.isArray(at)
        ? [...at.keys()].map(String)
        : []
      : namesOf(first).filter(name =>
          /^\[\d/.test(first) ? Array.isArray(at) && Number(name) < at.length : isPlain(at) && Object.hasOwn(at, name),
        )
  if (below.length === 0) return [{ pointer, whole: false }]
  return below.flatMap(name => reach((at as Record<string, unknown>)[name], `${pointer}/${name}`, rest))
}

function namesOf(text: string): string[] {
  if (text.startsWith('.')) return [text.slice(1)]
  return text.includes("'") ? [...text.matchAll(/'([^']*)'/g)].map(match => match[1] as string) : [text.slice(1, -1)]
}

function isPlain(at: unknown): at is object {
  return typeof at === 'object' && at !== null && !Array.isArray(at)
}

const stepsOf = (path: string): string[] => path.match(/\.[a-z]+|\[[^\]]*\]/g) ?? []
const shown = (leaf: Leaf): string => leaf.pointer + (leaf.whole ? '' : '?')
const within = (one: Leaf, other: Leaf): boolean =>
  one.pointer === other.pointer || one.pointer.startsWith(`${other.pointer}/`)
const touch = (one: Leaf, other: Leaf): boolean => within(one, other) || within(other, one)

function leavesOf(text: string, path: string): Leaf[] {
  return reach(JSON.parse(text.replace(/^\ufeff/, '')), '', stepsOf(path))
}

test('one path gives what it reaches, in the order of the body, and where it ends early the deepest that exists', () => {
  fc.assert(
    fc.property(value, pathOf(step), (text, path) => {
      const items = splitItems(scan(text), [path]) as Item[]
      expect(items.map(shown).sort()).toEqual(leavesOf(text, path).map(shown).sort())
      expect(items.map(({ node }) => node)).toEqual(items.map(({ node }) => node).sort((left, right) => left - right))
    }),
    { numRuns: 1000 },
  )
})

test('of several paths every item is one of theirs, none lies in another, and none of what they reach is lost', () => {
  fc.assert(
    fc.property(value, paths, (text, all) => {
      const doc = scan(text)
      const items = splitItems(doc, all) as Item[]
      expect(items.length).toBeGreaterThan(0)
      for (const [index, item] of items.entries()) {
        const behind = items[index + 1]
        if (behind) expect(doc.start[behind.node]).toBeGreaterThanOrEqual(doc.end[item.node] as number)
      }
      const fitting = all
        .map(path => leavesOf(text, path))
        .filter(leaves => !leaves.some(({ pointer, whole }) => pointer === '' && !whole) || leaves.length > 1)
      const known = new Set([...all.flatMap(path => leavesOf(text, path)), { pointer: '', whole: false }].map(shown))
      for (const item of items) expect(known).toContain(shown(item))
      for (const leaf of fitting.flat())
        expect(
          items.some(item => touch(item, leaf)),
          shown(leaf),
        ).toBe(true)
      const first = fitting.find(leaves => leaves.some(({ whole }) => whole)) ?? []
      for (const leaf of first.filter(({ whole }) => whole)) expect(items.map(shown)).toContain(shown(leaf))
    }),
    { numRuns: 2000 },
  )
})

test('nothing of a list that is split stands outside of the items, but what its elements have beside them', () => {
  fc.assert(
    fc.property(value, pathOf(step), (text, path) => {
      const doc = scan(text)
      const items = splitItems(doc, [path]) as Item[]
      const isInItem = (node: number) => items.some(item => item.node <= node && node < (doc.next[item.node] as number))
      const spine = new Set(
        items.flatMap(item => item.pointer.split('/').map((_, index, all) => all.slice(0, index).join('/'))),
      )
      for (const { node, pointer } of nodesOf(doc)) {
        if (doc.kind[node] === kinds.object || doc.kind[node] === kinds.array || isInItem(node)) continue
        // Every scalar is in an item, or branches off above one: a member beside it, never an element of a list that was split.
        const parent = pointer.slice(0, pointer.lastIndexOf('/'))
        const forks = [...spine].filter(one => one === '' || pointer.startsWith(`${one}/`) || one === parent)
        const deepest = forks.reduce((best, one) => (one.length > best.length ? one : best), '')
        const depth = deepest.split('/').length - 1
        expect(stepsOf(path)[depth], `${pointer} beside ${deepest}`).not.toBe('[*]')
      }
    }),
    { numRuns: 500 },
  )
})

/** Every node with its pointer; of doubled keys the last, as the split reads them. */
function nodesOf(doc: JsonDoc, node = 0, pointer = ''): { node: number; pointer: string }[] {
  const below = new Map<string, number>()
  const isObject = doc.kind[node] === kinds.object
  for (let at = node + 1, index = 0; at < (doc.next[node] as number); index++) {
    const name = isObject ? (JSON.parse(rawAt(doc, at)) as string) : String(index)
    const child = isObject ? at + 1 : at
    below.set(`${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, child)
    at = doc.next[child] as number
  }
  return [{ node, pointer }, ...[...below].flatMap(([place, child]) => nodesOf(doc, child, place))]
}

test('a path leads where JSON.parse has the same keys, and nowhere else', () => {
  const plain = pathOf(fc.constantFrom('.a', '.b', '[0]', '[1]', "['']", "['__proto__']"))
  fc.assert(
    fc.property(value, plain, (text, path) => {
      const doc = scan(text)
      const found = find(doc, path, rootItem)
      const [leaf] = leavesOf(text, path)
      expect(found?.pointer).toBe(leaf?.whole ? leaf.pointer : undefined)
    }),
    { numRuns: 1000 },
  )
})

test('any key can be written into a path, and its pointer reads back as that key', () => {
  const key = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom(...'\\\'"~/[],.*$@ 01ab') }))
  fc.assert(
    fc.property(key, fc.nat({ max: 20 }), (name, index) => {
      const path = `$['${name.replace(/[\\']/g, '\\$&')}'][${index}]`
      expect(compilePath(path).steps).toMatchObject([{ key: name }, { index }])
      const doc = scan(JSON.stringify({ [name]: Array.from({ length: index + 1 }, (_, at) => at) }))
      const found = find(doc, path, rootItem)
      expect(found && rawAt(doc, found.node)).toBe(String(index))
      const [, written = '', last] = found?.pointer.split('/') ?? []
      expect([written.replaceAll('~1', '/').replaceAll('~0', '~'), last]).toEqual([name, String(index)])
    }),
  )
})

test('whatever is no path is refused in words, and never hangs', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'$@.[]*\'",\\ab01_-'), maxLength: 12 }), text => {
      try {
        expect(compilePath(text).steps.length).toBeLessThanOrEqual(text.length)
      } catch (error) {
        expect((error as Error).message).toMatch(/^path /)
      }
    }),
    { numRuns: 2000 },
  )
})

test('a slot of a host is one label of it, whatever is filled in', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom(...'aB0-.:/@%#?\\') })),
      text => {
        let url: string
        try {
          url = fillUrl('{api}/x/{shop}', { api: 'https://{shop}.example.com' }, { shop: text })
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^bad-(label|template)$/)
          return
        }
        expect(new URL(url).host).toBe(`${text.toLowerCase()}.example.com`)
        expect(new URL(url).pathname).toBe(`/x/${text}`)
      },
    ),
    { numRuns: 500 },
  )
})
