import ts from 'typescript'
import { providerFiles } from './floor-rules.ts'
import { topFields } from './knowledge-rules.ts'
import { at, below, exportsOf, type HouseRule, type SourceFile, syntaxOf } from './source-file.ts'

/** Which folders and files stand at the top, and in `test/`. */
const topLevel = ['package.json', 'package-lock.json', 'tsconfig.json', 'README.md', 'LICENSE', 'src', 'bin']
const moreTopLevel = ['fixtures', 'test']
const testLevel = [
  'unit',
  'property',
  'contract',
  'integration',
  'e2e',
  'reliability',
  'architecture',
  'bench',
  'helpers',
  'tools',
]
const moreTestLevel = ['vitest.config.ts', 'tsconfig.json']

export const foldersAreKnown: HouseRule = files => {
  const faults = files
    .map(file => file.path.split('/')[0] as string)
    .filter(name => !name.startsWith('.') && ![...topLevel, ...moreTopLevel].includes(name))
    .map(name => `${name}: nothing else stands at the top`)
  const inTest = files
    .filter(file => file.path.startsWith('test/'))
    .map(file => file.path.split('/')[1] as string)
    .filter(name => ![...testLevel, ...moreTestLevel].includes(name))
    .map(name => `test/${name}: no such question is asked`)
  const drawers = files
    .filter(file => /(^|\/)(util|utils|common|misc|lib|shared|helper)(\/|\.ts$)/.test(file.path))
    .filter(file => file.path.startsWith('src/'))
    .map(file => `${file.path}: a drawer for everything; name what it is`)
  return [...new Set([...faults, ...inTest, ...drawers])]
}

/** A test stands in the folder of its question, and mirrors nothing else. */
export const testsAreTests: HouseRule = files =>
  below(files, 'test/')
    .filter(file => {
      const [, folder] = file.path.split('/')
      const question = !['helpers', 'bench', 'tools'].includes(folder as string)
      return file.path.endsWith('.test.ts') && !question
    })
    .map(file => `${file.path}: vitest never runs a test in there`)

/** 250 lines a file; a provider 120, or 200 with activation or record, 250 with api or lifecycle, or 280 with feeds. */
export const filesAreShort: HouseRule = files => {
  const providers = providerFiles(files)
  return files
    .filter(file => /^(src|test|bin)\//.test(file.path) && /\.[cm]?[jt]sx?$/.test(file.path))
    .flatMap(file => {
      const lines = file.text.split('\n').length - 1
      const cap = providers.includes(file) ? providerCap(file) : 250
      return lines > cap ? [`${file.path}: ${lines} lines, ${cap} are allowed`] : []
    })
}

function providerCap(file: SourceFile): number {
  const fields = topFields(file)
  if (fields.has('feeds')) return 280
  if (['api', 'lifecycle'].some(name => fields.has(name))) return 250
  return ['activation', 'record'].some(name => fields.has(name)) ? 200 : 120
}

export const namesAreKebabCase: HouseRule = files =>
  files
    .filter(file => /^(src|test|bin)\//.test(file.path))
    .filter(file => !file.path.split('/').every(piece => /^_?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/.test(piece)))
    .map(file => `${file.path}: kebab-case`)

/** Files that are named after what they are, not after an export. */
const namedOtherwise: Record<string, string> = {
  'src/store/schema.ts': 'holds the migrations, which are the schema',
  'src/store/ops.ts': 'the registry of reads and writes, whose type of one is Op',
  'src/store/resolve.ts': 'the step of DESIGN §6 that drafts whose each event is',
  'src/core/redact.ts': 'redacts by masking: the exports say mask',
  'src/core/sample-values.ts': 'what makes a sample fresh: ids and times',
  'src/providers/index.ts': 'the list of the folder',
  'src/providers/_example.ts': 'what help texts use in their examples',
}

/** A file is named after its main export: they share a word (`json-scan.ts` exports `scanJson`). */
export const filesAreNamedAfterExports: HouseRule = files =>
  below(files, 'src/').flatMap(file => {
    if (!/^src\/(core|providers|store|net|tunnel|cli\/commands)\//.test(file.path)) return []
    const exported = exportsOf(file).map(one => one.name)
    if (exported.length === 0 || file.path in namedOtherwise) return []
    const words = wordsOf((file.path.split('/').pop() as string).replace(/\.ts$/, ''))
    const shared = exported.some(name => wordsOf(name).some(word => words.some(own => sameWord(own, word))))
    return shared ? [] : [`${file.path}: exports ${exported.join(', ')}`]
  })

function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[-_.]/)
    .filter(word => word !== '')
}

function sameWord(left: string, right: string): boolean {
  return left === right || `${left}s` === right || left === `${right}s`
}

/** Named exports of full function declarations; no default export. */
export const exportsArePlain: HouseRule = files =>
  below(files, 'src/').flatMap(file =>
    exportsOf(file).flatMap(({ name, node }) => {
      if (name === 'default') return [`${at(file, node)}: a default export`]
      if (!ts.isVariableStatement(node)) return []
      return node.declarationList.declarations
        .filter(({ initializer }) => initializer && (ts.isArrowFunction(initializer) || isFunction(initializer)))
        .map(() => `${at(file, node)}: ${name} should be a function declaration`)
    }),
  )

function isFunction(node: ts.Node): boolean {
  return ts.isFunctionExpression(node)
}

/** What a file exports carries a docstring where it is a function. */
export const functionsAreDocumented: HouseRule = files =>
  below(files, 'src/core/').flatMap(file =>
    exportsOf(file)
      .filter(({ node }) => ts.isFunctionDeclaration(node) && node.parent === syntaxOf(file))
      .filter(({ name }) => !/^is[A-Z]/.test(name))
      .filter(({ node }) => ts.getJSDocCommentsAndTags(node).length === 0)
      .map(({ name, node }) => `${at(file, node)}: ${name} promises nothing`),
  )
