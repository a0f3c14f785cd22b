import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headerSides, sideBySide } from '../../../src/inspect/page/pure/differences.ts'
import { indented, type JsonNode, readJson, wayTo } from '../../../src/inspect/page/pure/json-tree.ts'

function tree(text: string): JsonNode {
  const root = readJson(text)
  if (!('kind' in root)) throw new Error(`${root.fault} at ${root.at}`)
  return root
}

function valueOf(node: JsonNode): unknown {
  if (node.kind === 'array') return node.children.map(valueOf)
  if (node.kind === 'object') return Object.fromEntries(node.children.map(child => [child.key, valueOf(child)]))
  return node.kind === 'string' ? node.text : JSON.parse(node.text)
}

test('any JSON is read as JSON.parse reads it, and indenting moves blanks alone', () => {
  fc.assert(
    fc.property(fc.json({ noUnicodeString: false }), text => {
      const root = tree(text)
      // JSON.parse takes __proto__ as a name like any other; an object made of pairs does too.
      expect(JSON.stringify(valueOf(root))).toBe(JSON.stringify(JSON.parse(text)))
      const shown = indented(text, root)
      expect(JSON.parse(shown)).toEqual(JSON.parse(text))
      expect(withoutBlanks(shown)).toBe(withoutBlanks(text))
    }),
  )
})

function withoutBlanks(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|\s+/g, part => (part.startsWith('"') ? part : ''))
}

test('numbers stay as they came, of doubled names the last counts, pointers are those of RFC 6901', () => {
  const root = tree('{"a/b":{"~":[12345678901234567890,1.0]},"x":1,"x":2}')
  const list = root.children[0]?.children[0] as JsonNode
  expect(list.children.map(({ text, pointer }) => [text, pointer])).toEqual([
    ['12345678901234567890', '/a~1b/~0/0'],
    ['1.0', '/a~1b/~0/1'],
  ])
  expect(root.children.map(({ key, doubled }) => [key, doubled])).toEqual([
    ['a/b', false],
    ['x', true],
    ['x', false],
  ])
})

test.each([
  ['', 'it ends too early', 1, 1],
  ['{"a":1,}', 'a name in double quotes is missing', 1, 8],
  ['[1 2]', 'a comma or ] is missing', 1, 4],
  ['{\n  "a" 1\n}', 'a colon is missing', 2, 7],
  ['[1]x', 'something stands behind the end', 1, 4],
  ['"a', 'a string that does not end', 1, 1],
  ['["\\x"]', 'an escape that JSON does not know', 1, 4],
  ['[01]', 'this is no value', 1, 2],
  ['[tru]', 'this is no value', 1, 2],
  ['['.repeat(2000), 'it is nested too deeply', 1, 1002],
])('what is no JSON says why and where: %s', (text, fault, line, column) => {
  expect(readJson(text)).toMatchObject({ fault, line, column })
})

test('what the browser would refuse is refused, and nothing else', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:01.-e+tfn \n\\ua') }), text => {
      let isJson = true
      try {
        JSON.parse(text)
      } catch {
        isJson = false
      }
      expect('kind' in readJson(text)).toBe(isJson)
    }),
    { numRuns: 2_000 },
  )
})

test('the way to a place leads to the smallest value that holds it', () => {
  const text = '[{"a":{"b":"x"}},2]'
  const at = text.indexOf('x')
  expect(wayTo(tree(text), at, at + 1).map(node => node.pointer)).toEqual(['', '/0', '/0/a', '/0/a/b'])
})

test('texts stand side by side, what differs is marked and the rest on one line', () => {
  expect(sideBySide('{\n"a": 1\n}', '{\n"a": 2\n"b": 3\n}')).toEqual([
    { left: '{', right: '{', differs: false },
    { left: '"a": 1', right: '"a": 2', differs: true },
    { left: null, right: '"b": 3', differs: true },
    { left: '}', right: '}', differs: false },
  ])
  const line = fc.constantFrom('a', 'b', 'c')
  fc.assert(
    fc.property(fc.array(line), fc.array(line), (a, b) => {
      const lines = sideBySide(a.join('\n'), b.join('\n'))
      expect(lines.flatMap(({ left }) => left ?? []).join('\n')).toBe(a.join('\n'))
      expect(lines.flatMap(({ right }) => right ?? []).join('\n')).toBe(b.join('\n'))
      expect(lines.every(({ left, right, differs }) => differs === (left !== right))).toBe(true)
    }),
  )
})

test('headers are compared by name, however often and in whatever case they come', () => {
  expect(
    headerSides(
      [
        ['A', '1'],
        ['a', '2'],
      ],
      [
        ['a', '1, 2'],
        ['B', '3'],
      ],
    ),
  ).toEqual([
    { name: 'a', left: '1, 2', right: '1, 2' },
    { name: 'b', left: null, right: '3' },
  ])
})
