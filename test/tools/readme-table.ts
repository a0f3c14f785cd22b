import { providerFacts } from '../../src/app/provider-facts.ts'
import { providers } from '../../src/providers/index.ts'

const begin = '<!-- providers: `npm run readme` writes this table -->'
const end = '<!-- providers: end -->'

/** The table of all providers, as Markdown. */
function providerTableText(): string {
  const rows = providers.map(definition => {
    const { id, name, account, signature, activation, checked } = providerFacts(definition)
    return [`${name} (\`${id}\`)`, account, signature, activation, checked]
  })
  const line = (cells: string[]): string => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const head = ['provider', 'account', 'verified by', 'hooks', 'checked']
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A README with the table between its markers as it is today. @throws Error where the markers are missing */
export function withProviderTable(readme: string): string {
  const from = readme.indexOf(begin)
  const to = readme.indexOf(end)
  if (from < 0 || to < from) throw new Error(`README.md has no place for the table: ${begin} … ${end}`)
  return `${readme.slice(0, from + begin.length)}\n\n${providerTableText()}\n\n${readme.slice(to)}`
}
