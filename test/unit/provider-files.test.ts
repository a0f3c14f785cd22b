import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fieldFaults } from '../../src/core/definition-fields.ts'
import { definitionFaults } from '../../src/core/validate-definition.ts'
import { providers } from '../../src/providers/index.ts'
import { writeProvider } from '../tools/provider-files.ts'
import { withProviderTable } from '../tools/readme-table.ts'

const top = new URL('../../', import.meta.url).pathname

function checkout(): string {
  const root = mkdtempSync(join(tmpdir(), 'whs-checkout-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  cpSync(join(top, 'src'), join(root, 'src'), { recursive: true })
  return root
}

test('a new provider is a sound definition, listed, with a skeleton of fixtures', async () => {
  const root = checkout()
  const files = writeProvider(root, 'my-crm')
  expect(files).toContain('fixtures/my-crm/deliveries.json')
  const text = readFileSync(join(root, 'src/providers/my-crm.ts'), 'utf8')
  expect(text).toContain("export const myCrm = {\n  id: 'my-crm',")
  expect(text).not.toContain('Copy this file')
  const list = (await import(join(root, 'src/providers/index.ts'))) as { providers: typeof providers }
  expect(list.providers.map(({ id }) => id)).toEqual([...providers.map(({ id }) => id), 'my-crm'])
  const made = list.providers.at(-1) as (typeof providers)[number]
  expect([...fieldFaults(made), ...definitionFaults(made)]).toEqual([])
  const index = readFileSync(join(root, 'src/providers/index.ts'), 'utf8')
  const imports = index.split('\n').filter(line => line.startsWith('import {'))
  expect(imports).toEqual([...imports].sort((a, b) => (a.replace(/.*from/, '') < b.replace(/.*from/, '') ? -1 : 1)))
})

test.each(['My CRM', '', '-a', '../x'])('"%s" is no id', id => {
  expect(() => writeProvider(top, id)).toThrow('is no id')
})

test('what is there is not replaced', () => {
  expect(() => writeProvider(top, providers[0]?.id as string)).toThrow('is there already')
})

test('the table of the README is the one that the definitions give', () => {
  const readme = readFileSync(join(top, 'README.md'), 'utf8')
  expect(withProviderTable(readme)).toBe(readme)
  for (const { name, id } of providers) expect(readme).toContain(`| ${name} (\`${id}\`) |`)
})
