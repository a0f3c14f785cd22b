import { expect, test } from 'vitest'
import * as page from './page-rules.ts'
import { expectToBite, expectToHold } from './rule-check.ts'
import { below, readHouse } from './source-file.ts'

const house = readHouse()

test('the page is read at all', () => {
  expect(below(house, 'src/inspect/page/').map(file => file.path)).toContain('src/inspect/page/main.tsx')
})

test('the page stands alone', () => {
  expectToHold(page.pageStandsAlone, house)
  expectToBite(page.pageStandsAlone, {
    'src/inspect/page/a.ts': "import { safeText } from '../../core/text.ts'",
    'src/inspect/page/b.tsx': "import { readPage } from '../api.ts'",
    'src/inspect/page/c.ts': "import { readFileSync } from 'node:fs'",
    'src/inspect/page/parts/d.tsx': "import type { Store } from '../../../store/store.ts'",
    'src/inspect/e.ts': "import { hueOf } from './page/pure/words.ts'",
  })
  const fine = [
    { path: 'src/inspect/page/parts/a.tsx', text: "import type { Now } from '../../api.ts'; import 'preact/hooks'" },
    { path: 'src/inspect/page/a.ts', text: "import { b } from './parts/b.tsx'" },
  ]
  expect(page.pageStandsAlone(fine)).toEqual([])
})

test('the page shows text as text', () => {
  expectToHold(page.pageShowsText, house)
  expectToBite(page.pageShowsText, {
    'src/inspect/page/a.ts': 'box.innerHTML = text',
    'src/inspect/page/b.tsx': 'export const b = <p dangerouslySetInnerHTML={{ __html: text }} />',
    'src/inspect/page/c.ts': "box['outerHTML'] = text",
    'src/inspect/page/d.ts': 'document.write(text)',
    'src/inspect/page/e.ts': 'new Function(text)()',
  })
  expect(page.pageShowsText([{ path: 'src/inspect/page/a.tsx', text: 'export const a = <p>{text}</p>' }])).toEqual([])
})

test('the page fetches nothing from elsewhere', () => {
  expectToHold(page.pageFetchesNothing, house)
  expectToBite(page.pageFetchesNothing, {
    'src/inspect/page/style/a.css': 'a { background: url(x.png) }',
    'src/inspect/page/style/b.css': '@font-face { font-family: a }',
    'src/inspect/page/style/c.css': "@import '//fonts.example/a.css';",
    'src/inspect/page/a.html': '<script>alert(1)</script>',
    'src/inspect/page/b.html': '<p style="color: red">',
    'src/inspect/page/c.html': '<script src="https://elsewhere.example/a.js"></script>',
  })
})
