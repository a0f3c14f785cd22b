import { expect, test } from 'vitest'
import * as rules from './file-rules.ts'
import { expectToBite, expectToHold } from './rule-check.ts'
import { readHouse } from './source-file.ts'
import * as texts from './text-rules.ts'

const house = readHouse()
const lines = (count: number): string => 'a\n'.repeat(count)

test('folders are known', () => {
  expectToHold(rules.foldersAreKnown, house)
  expectToBite(rules.foldersAreKnown, {
    'scripts/build.ts': '',
    'test/misc/a.test.ts': '',
    'src/net/utils/a.ts': '',
    'src/core/common.ts': '',
  })
})

test('tests stand where vitest finds them', () => {
  expectToHold(rules.testsAreTests, house)
  expectToBite(rules.testsAreTests, { 'test/helpers/a.test.ts': '' })
})

test('files are short', () => {
  expectToHold(rules.filesAreShort, house)
  expectToBite(rules.filesAreShort, {
    'src/net/a.ts': lines(251),
    'src/providers/a.ts': `export const a = { id: 'a' }\n${lines(120)}`,
    'src/providers/b.ts': `export const b = { record: {} } satisfies P\n${lines(200)}`,
    'src/providers/c.ts': `export const c = { feeds: [] } satisfies P\n${lines(280)}`,
    'test/unit/a.test.ts': lines(251),
  })
  expect(rules.filesAreShort([{ path: 'src/net/a.ts', text: lines(250) }])).toEqual([])
  const records = `export const b = { record: {} } satisfies P\n${lines(199)}`
  const feeds = `export const b = { feeds: [] } satisfies P\n${lines(279)}`
  for (const text of [records, feeds]) expect(rules.filesAreShort([{ path: 'src/providers/b.ts', text }])).toEqual([])
})

test('names are kebab-case', () => {
  expectToHold(rules.namesAreKebabCase, house)
  expectToBite(rules.namesAreKebabCase, {
    'src/core/jsonScan.ts': '',
    'test/unit/Path.test.ts': '',
    'src/net/a_b.ts': '',
  })
})

test('files are named after what they export', () => {
  expectToHold(rules.filesAreNamedAfterExports, house)
  expectToBite(rules.filesAreNamedAfterExports, { 'src/core/thing.ts': 'export function scanJson() {}' })
  const fine = [
    { path: 'src/core/json-scan.ts', text: 'export function scanJson() {}' },
    { path: 'src/core/ids.ts', text: 'export const idLength = 1' },
  ]
  expect(rules.filesAreNamedAfterExports(fine)).toEqual([])
})

test('exports are named, functions are declared', () => {
  expectToHold(rules.exportsArePlain, house)
  expectToBite(rules.exportsArePlain, {
    'src/net/a.ts': 'export default 1',
    'src/net/b.ts': 'export default function b() {}',
    'src/net/c.ts': 'export const c = () => 1',
    'src/net/d.ts': 'export const d = function () {}',
  })
})

test('what core exports says what it promises', () => {
  expectToHold(rules.functionsAreDocumented, house)
  expectToBite(rules.functionsAreDocumented, { 'src/core/a.ts': '// no docstring\nexport function a() {}' })
})

test('nothing is left for later', () => {
  const mark = ['TO', 'DO'].join('')
  expectToHold(texts.nothingIsLeftForLater, house)
  expectToBite(texts.nothingIsLeftForLater, {
    'src/net/a.ts': `export const a = 1 // ${mark}: mend`,
    'src/net/b.ts': `/** ${mark} */\nexport const b = 1`,
    'README.md': `${mark} write this`,
  })
  expect(texts.nothingIsLeftForLater([{ path: 'src/net/a.ts', text: `export const a = '${mark}'` }])).toEqual([])
})

test('every test runs, once', () => {
  expectToHold(texts.everyTestRuns, house)
  expectToBite(texts.everyTestRuns, {
    'test/unit/a.test.ts': "test.skip('a', () => {})",
    'test/unit/b.test.ts': "describe.only('a', () => {})",
    'test/unit/c.test.ts': "it.todo('a')",
    'test/unit/d.test.ts': "test('a', { retry: 3 }, () => {})",
    'test/unit/e.test.ts': "test.skipIf(!chrome)('a', () => {})",
    'test/unit/f.test.ts': "test.each([1]).only('a', () => {})",
    'test/e2e/terminal.test.ts': "test.skip('a', () => {})",
  })
  for (const path of Object.keys(texts.maySkip)) {
    expect(house.find(file => file.path === path)?.text, `${path} needs no leave any more`).toContain('skipIf')
  }
  expect(texts.everyTestRuns([{ path: 'test/unit/a.test.ts', text: "list.skip(1); test('only', () => {})" }])).toEqual(
    [],
  )
})

test('tests use the real parts', () => {
  expectToHold(texts.testsUseRealParts, house)
  expectToBite(texts.testsUseRealParts, {
    'test/unit/a.test.ts': "vi.mock('../../src/core/ids.ts')",
    'test/unit/b.test.ts': 'expect(a).toMatchSnapshot()',
    'test/unit/c.test.ts': "import nock from 'nock'",
  })
})

test('no file names a machine or where packages come from', () => {
  expectToHold(texts.namesNoMachine(), house)
  const here = { top: '/somewhere/deep/', home: '/quarters/jane' }
  expectToBite(texts.namesNoMachine(here), {
    'src/net/a.ts': 'export const log = "/somewhere/deep/log"',
    'README.md': 'cd /somewhere/deep && npm ci',
    'test/unit/a.test.ts': "open('/quarters/jane/key')",
    '.npmrc': ['registry=https://registry', 'example', 'org/'].join('.'),
    'package-lock.json': ['"resolved": "https://registry', 'npmjs', 'org/a.tgz"'].join('.'),
    '.ci/run': 'cp /quarters/jane/.npmrc .',
  })
  const fine = '/quarters/janet /somewhere/deeper $HOME/x https://example.com/home/jane and /hooks/app'
  expect(texts.namesNoMachine(here)([{ path: 'README.md', text: fine }])).toEqual([])
})
