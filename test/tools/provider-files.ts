import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Begins a provider in a checkout: its definition as a copy of the template, the skeleton of its fixtures, and its place
 * in the list. Returns the files that were written or changed.
 * @throws Error where the id is none, or is there already
 */
export function writeProvider(root: string, id: string): string[] {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) throw new Error(`"${id}" is no id: small letters, digits and -`)
  const definition = `src/providers/${id}.ts`
  if (existsSync(join(root, definition))) throw new Error(`${definition} is there already`)
  const name = id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  const index = 'src/providers/index.ts'
  const files: Record<string, string> = {
    [definition]: definitionText(readFileSync(join(root, 'src/providers/_template.ts'), 'utf8'), id, name),
    [index]: listed(readFileSync(join(root, index), 'utf8'), id, name),
    ...fixtureTexts(id),
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return Object.keys(files)
}

function definitionText(template: string, id: string, name: string): string {
  return template
    .replace(/\/\*\*[^]*?\*\/\n/, '/** The address of the provider’s page about webhooks. */\n')
    .replace('export const template =', `export const ${name} =`)
    .replace("id: 'template'", `id: '${id}'`)
}

/** The list with one more import, in alphabetical order, and one more entry at its end. */
function listed(text: string, id: string, name: string): string {
  const line = `import { ${name} } from './${id}.ts'`
  const lines = text.split('\n')
  const imports = lines.filter(one => /^import \{ \w+ \} from '\.\//.test(one))
  const before = imports.find(one => one.replace(/.*from/, '') > line.replace(/.*from/, ''))
  const at = before ? lines.indexOf(before) : lines.indexOf(imports.at(-1) as string) + 1
  lines.splice(at, 0, line)
  const begin = lines.findIndex(one => one.startsWith('export const providers'))
  const end = lines.indexOf(']', begin)
  lines.splice(end, 0, `  ${name},`)
  return lines.join('\n')
}

/** What `fixtures/README.md` asks for, with the values of the template: to be replaced by real-shaped ones. */
function fixtureTexts(id: string): Record<string, string> {
  const at = (path: string): string => `fixtures/${id}/${path}`
  const event = {
    type: 'thing.created',
    id: 'ev_1',
    created_at: '2026-01-01T00:00:00Z',
    account_id: 'acct-1',
    object: { type: 'thing', id: '1' },
  }
  const accounts = ['Acme Holdings', 'Globex Corp', 'Initech LLC'].map((company, index) => ({
    name: company,
    values: { account: `acct-${index + 1}` },
  }))
  const deliveries = {
    at: '2026-01-01T00:00:05Z',
    url: `https://hooks.example.com/hooks/${id}`,
    secrets: { webhook: 'replace-this-secret' },
    deliveries: [],
  }
  const token = { access_token: '', refresh_token: '', token_type: 'bearer', expires_in: 3600 }
  return {
    [at('deliveries.json')]: json(deliveries),
    [at('accounts.json')]: json(accounts),
    [at('samples/headers.json')]: json(['Content-Type', 'application/json']),
    [at('samples/event/thing.created.json')]: JSON.stringify({ events: [event] }),
    [at('oauth/token.json')]: JSON.stringify(token),
    [at('api/prove.json')]: JSON.stringify({ id: 'acct-1', name: 'Acme Holdings' }),
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
