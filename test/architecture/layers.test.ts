import { expect, test } from 'vitest'
import * as floor from './floor-rules.ts'
import * as knowledge from './knowledge-rules.ts'
import { expectToBite, expectToHold } from './rule-check.ts'
import { readHouse } from './source-file.ts'

const house = readHouse()

test('the house is read at all: a walk that finds nothing would hold every rule', () => {
  expect(house.map(file => file.path)).toEqual(
    expect.arrayContaining([
      'src/core/path.ts',
      'src/store/ops.ts',
      'package.json',
      'test/architecture/layers.test.ts',
    ]),
  )
  expect(knowledge.providerIds(house)).toContain('quickbooks')
})

test('imports go down', () => {
  expectToHold(floor.importsGoDown, house)
  expectToBite(floor.importsGoDown, {
    'src/core/a.ts': "import { b } from '../store/b.ts'",
    'src/store/a.ts': "export { b } from '../net/b.ts'",
    'src/receive/a.ts': "import type { B } from '../deliver/b.ts'",
    'src/connect/a.ts': "const b = await import('../simulate/b.ts')",
    'src/tunnel/a.ts': "type B = import('../app.ts').B",
    'src/app.ts': "import { b } from './cli/b.ts'",
    'src/helpers/a.ts': '',
    'src/net/a.ts': "import { b } from '../../test/helpers/b.ts'",
  })
  expect(
    floor.importsGoDown([
      { path: 'src/cli/a.ts', text: "import '../app.ts'; import '../core/b.ts'; import './b.ts'" },
      { path: 'src/cli/commands/a.ts', text: "import '../io.ts'; import '../../app.ts'" },
      { path: 'src/store/a.ts', text: "import '../core/b.ts'; import './b.ts'; import 'node:fs'" },
    ]),
  ).toEqual([])
})

test('lists and help answer at once', () => {
  expectToHold(floor.listsLoadNoNetwork, house)
  expectToBite(floor.listsLoadNoNetwork, {
    'src/cli/run.ts': "import { Pool } from 'undici'",
    'src/cli/commands/events.ts': "import ora from 'ora'",
  })
  const far = { path: 'src/cli/run.ts', text: "import { a } from './a.ts'" }
  const near = { path: 'src/cli/a.ts', text: "import express from 'express'" }
  expect(floor.listsLoadNoNetwork([far, near])).toEqual(['src/cli/run.ts → src/cli/a.ts loads express'])
})

test('imports are exact', () => {
  expectToHold(floor.importsAreExact, house)
  expectToBite(floor.importsAreExact, {
    'src/core/a.ts': "import { b } from './b.js'",
    'src/core/b.ts': "import { b } from './b'",
    'src/core/c.ts': 'await import(name)',
    'src/core/d.ts': 'require(name)',
  })
})

test('a package has one owner', () => {
  expectToHold(floor.packagesHaveOneOwner, house)
  expectToBite(floor.packagesHaveOneOwner, {
    'src/app.ts': "import chalk from 'chalk'",
    'src/deliver/a.ts': "import ora from 'ora'",
    'src/connect/a.ts': "import { Command } from 'commander'",
    'src/inspect/a.ts': "import { input } from '@inquirer/prompts'",
    'src/receive/a.ts': "import express from 'express'",
    'src/deliver/b.ts': "import { request } from 'undici'",
    'src/simulate/a.ts': "import { createServer } from 'node:http'",
    'src/connect/b.ts': "const ngrok = await import('@ngrok/ngrok')",
    'src/app/a.ts': "import Database from 'better-sqlite3'",
    'src/net/a.ts': "import { merge } from 'lodash'",
    'src/net/b.ts': "import 'better-sqlite3/lib/x.js'",
  })
})

test('provider files import types of core and nothing else', () => {
  expectToHold(floor.providersImportTypesOnly, house)
  expectToBite(floor.providersImportTypesOnly, {
    'src/providers/a.ts': "import { header } from '../core/headers.ts'",
    'src/providers/b.ts': "import type { Db } from '../store/database.ts'",
  })
})

test('core is pure', () => {
  expectToHold(knowledge.coreIsPure, house)
  expectToBite(knowledge.coreIsPure, {
    'src/core/a.ts': "import { readFileSync } from 'node:fs'",
    'src/core/b.ts': "import { randomBytes } from 'node:crypto'",
    'src/core/c.ts': "import * as crypto from 'node:crypto'",
    'src/core/d.ts': 'export const now = Date.now()',
    'src/core/e.ts': 'export const now = new Date()',
    'src/core/f.ts': 'export const dice = Math.random()',
    'src/core/g.ts': 'export const home = process.env.HOME',
    'src/core/h.ts': 'setTimeout(() => {}, 1)',
    'src/core/i.ts': 'export const id = crypto.randomUUID()',
    'src/core/j.ts': 'export const late = globalThis.fetch',
    'src/core/k.ts': "import undici from 'undici'",
  })
  const fine = 'interface A { process: string; fetch(): void }\nexport const at = (ms: number) => new Date(ms)'
  expect(knowledge.coreIsPure([{ path: 'src/core/a.ts', text: fine }])).toEqual([])
})

test('only the command line knows the process', () => {
  expectToHold(knowledge.onlyCliKnowsTheProcess, house)
  expectToBite(knowledge.onlyCliKnowsTheProcess, {
    'src/app.ts': 'export const home = process.env.WHS_HOME',
    'src/net/a.ts': 'export const { argv } = process',
    'src/store/a.ts': "console.error('lost')",
    'src/tunnel/a.ts': 'process.exit(6)',
    'src/deliver/a.ts': "export const env = process['env']",
  })
  const fine = [{ path: 'src/store/a.ts', text: "export const here = process.platform === 'win32' ? 0 : process.pid" }]
  expect(knowledge.onlyCliKnowsTheProcess(fine)).toEqual([])
  expect(knowledge.onlyCliKnowsTheProcess([{ path: 'src/cli/a.ts', text: 'console.log(process.env)' }])).toEqual([])
})

test('requests go out through net alone', () => {
  expectToHold(knowledge.onlyNetFetches, house)
  expectToBite(knowledge.onlyNetFetches, {
    'src/connect/a.ts': "await fetch('https://example.com')",
    'src/connect/b.ts': 'export const call = fetch',
    'src/simulate/a.ts': 'function one() { const fetch = made() }\nfunction two() { return fetch(url) }',
  })
  const own = 'function one() { const fetch = made(); return fetch(url) }'
  expect(knowledge.onlyNetFetches([{ path: 'src/connect/a.ts', text: own }])).toEqual([])
  expect(knowledge.onlyNetFetches([{ path: 'src/app.ts', text: 'export type Fetch = typeof fetch' }])).toEqual([])
})

test('only the store knows SQL', () => {
  expectToHold(knowledge.onlyStoreKnowsSql, house)
  expectToBite(knowledge.onlyStoreKnowsSql, {
    'src/deliver/a.ts': "export const all = 'SELECT * FROM events'",
    'src/connect/a.ts': `export const late = \`DELETE FROM consents WHERE at < \${at}\``,
  })
})

test('signatures are made in core alone', () => {
  expectToHold(knowledge.onlyCoreSigns, house)
  expectToBite(knowledge.onlyCoreSigns, {
    'src/simulate/a.ts': "import { createHmac } from 'node:crypto'",
    'src/deliver/a.ts': "import * as crypto from 'node:crypto'",
  })
})

test('no provider is named outside its file', () => {
  const ids = { 'src/providers/quickbooks.ts': '' }
  expectToHold(knowledge.providersAreNotNamed(), house)
  const rule = knowledge.providersAreNotNamed([])
  expectToBite(
    rule,
    {
      'src/cli/a.ts': "export const next = 'whs app add quickbooks'",
      'src/connect/a.ts': "if (id === 'quickbooks') mend()",
      'src/deliver/a.ts': 'export const quirks = { quickbooks: true }',
      'src/receive/a.ts': `export const path = \`/hooks/quickbooks/\${key}\``,
      'src/simulate/a.ts': 'export const isIt = /^QuickBooks/',
      'src/app.ts': "import { quickbooks } from './providers/quickbooks.ts'",
    },
    ids,
  )
  const comment = [{ path: 'src/app.ts', text: '// quickbooks sends this twice' }]
  expect(rule([...comment, { path: 'src/providers/quickbooks.ts', text: '' }])).toEqual([])
})

test('an entry of the list of plain words lets one word pass, and must be needed', () => {
  const entry = { path: 'src/core/url.ts', id: 'linear', because: 'linear time' }
  const rule = knowledge.providersAreNotNamed([entry])
  const provider = { path: 'src/providers/linear.ts', text: '' }
  const text = "export const cost = 'linear'"
  expect(rule([provider, { path: 'src/core/url.ts', text }])).toEqual([])
  expect(rule([provider, { path: 'src/core/other.ts', text }])).toHaveLength(2)
  expect(rule([provider])).toEqual(['src/core/url.ts: nothing there needs the word linear any more'])
})

test('a provider exports one constant, named and identified as its file is', () => {
  expectToHold(knowledge.providersAreNamedAsTheirFile, house)
  expectToBite(knowledge.providersAreNamedAsTheirFile, {
    'src/providers/one-two.ts': "export const oneTwo = { id: 'other' }",
    'src/providers/three.ts': "export const other = { id: 'three' }",
    'src/providers/four.ts': "export const four = { id: 'four' }\nexport const more = 1",
  })
})
