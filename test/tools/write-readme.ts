import { readFileSync, writeFileSync } from 'node:fs'
import { withProviderTable } from './readme-table.ts'

const file = new URL('../../README.md', import.meta.url)
writeFileSync(file, withProviderTable(readFileSync(file, 'utf8')))
