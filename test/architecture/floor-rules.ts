import ts from 'typescript'
import { at, below, type HouseRule, importsOf, resolveImport, type SourceFile } from './source-file.ts'

/** The rooms of `src/` and the floor that each is on. A floor imports only lower ones. */
const floors: Record<string, number> = {
  core: 0,
  providers: 1,
  store: 2,
  net: 2,
  tunnel: 2,
  connect: 3,
  receive: 3,
  deliver: 3,
  inspect: 3,
  simulate: 3,
  app: 4,
  cli: 5,
}

/** `src/core/path.ts` → `core`, `src/app.ts` → `app`. */
function roomOf(path: string): string {
  return (path.split('/')[1] as string).replace(/\.ts$/, '')
}

/** Rooms are known ones; each imports only itself and lower floors, so rooms of one floor never import each other. */
export const importsGoDown: HouseRule = files =>
  below(files, 'src/').flatMap(file => {
    const room = roomOf(file.path)
    const floor = floors[room]
    if (floor === undefined) return [`${file.path}: src/${room} is no room of the house`]
    return importsOf(file).flatMap(({ specifier, node }) => {
      if (!specifier.startsWith('.')) return []
      const path = resolveImport(file, specifier)
      const other = roomOf(path)
      if (!path.startsWith('src/')) return [`${at(file, node)}: ${specifier} is outside src`]
      if (other === room || (floors[other] ?? Number.POSITIVE_INFINITY) < floor) return []
      return [`${at(file, node)}: ${room} (floor ${floor}) imports ${other} (floor ${floors[other] ?? 'unknown'})`]
    })
  })

/** Imports name the `.ts` file itself, and are no `require` or computed path. */
export const importsAreExact: HouseRule = files =>
  below(files, 'src/').flatMap(file =>
    importsOf(file)
      .filter(
        ({ specifier }) => specifier === '(computed)' || (specifier.startsWith('.') && !/\.tsx?$/.test(specifier)),
      )
      .map(({ specifier, node }) => `${at(file, node)}: ${specifier} is no .ts path`),
  )

/** Which rooms may know a package or a part of Node. What is not listed here is nobody's. */
const owners: Record<string, string[]> = {
  commander: ['cli'],
  '@inquirer/prompts': ['cli'],
  chalk: ['cli'],
  ora: ['cli'],
  open: ['cli'],
  express: ['net'],
  undici: ['net'],
  '@ngrok/ngrok': ['tunnel'],
  'better-sqlite3': ['store'],
  oauth4webapi: ['connect'],
  preact: ['inspect'],
  'node:http': ['net'],
  'node:https': ['net'],
  'node:http2': ['net'],
  'node:net': ['net'],
  'node:tls': ['net'],
  'node:dns': ['net'],
  'node:dgram': ['net'],
  'node:worker_threads': ['store'],
  'node:readline': ['cli'],
  'node:readline/promises': ['cli'],
  'node:process': ['cli'],
  'node:tty': ['cli'],
  'node:child_process': ['cli'],
}

export const packagesHaveOneOwner: HouseRule = files =>
  below(files, 'src/').flatMap(file =>
    importsOf(file).flatMap(({ specifier, node }) => {
      if (specifier.startsWith('.')) return []
      const owner = owners[packageOf(specifier)]
      if (owner?.includes(roomOf(file.path))) return []
      if (!owner && specifier.startsWith('node:')) return []
      return [`${at(file, node)}: ${specifier} belongs to ${owner ? owner.join(', ') : 'no room'}`]
    }),
  )

/** A subpath belongs to its package: `undici/types` is undici. Parts of Node are whole names. */
function packageOf(specifier: string): string {
  if (specifier in owners || specifier.startsWith('node:')) return specifier
  const pieces = specifier.split('/')
  return pieces.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

/** A provider is data: its file takes types from core and nothing else. */
export const providersImportTypesOnly: HouseRule = files =>
  providerFiles(files).flatMap(file =>
    importsOf(file)
      .filter(({ specifier, typeOnly }) => !typeOnly || !resolveImport(file, specifier).startsWith('src/core/'))
      .map(({ specifier, node }) => `${at(file, node)}: a provider file imports ${specifier}`),
  )

export function providerFiles(files: SourceFile[]): SourceFile[] {
  return below(files, 'src/providers/').filter(({ path }) => !/\/(index|_[^/]*)\.ts$/.test(path))
}

/** What may be asked for while somebody waits at the prompt. */
const quick = ['src/cli/run.ts', 'src/cli/commands/events.ts', 'src/cli/commands/tenants.ts']
const slowPackages = ['undici', 'express', 'oauth4webapi', 'ora', 'open', '@ngrok/ngrok', '@inquirer/prompts']

/** What lists and helps loads no package for networks and questions, since each takes longer to load than the answer. */
export const listsLoadNoNetwork: HouseRule = files => {
  const byPath = new Map(files.map(file => [file.path, file]))
  return quick.flatMap(entry => {
    const seen = new Set<string>()
    const found: string[] = []
    const visit = (path: string, way: string[]): void => {
      const file = byPath.get(path)
      if (!file || seen.has(path)) return
      seen.add(path)
      for (const { specifier, typeOnly, node } of importsOf(file)) {
        if (typeOnly || !ts.isImportDeclaration(node)) continue
        if (slowPackages.includes(specifier)) found.push(`${[...way, path].join(' → ')} loads ${specifier}`)
        else if (specifier.startsWith('.')) visit(resolveImport(file, specifier), [...way, path])
      }
    }
    visit(entry, [])
    return found
  })
}
