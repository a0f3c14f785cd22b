import ts from 'typescript'
import { providerFiles } from './floor-rules.ts'
import { at, below, exportsOf, type HouseRule, importsOf, literalsOf, type SourceFile, walk } from './source-file.ts'

/** What core may take from Node, by name: nothing that has a clock, randomness or I/O. */
const pureNode: Record<string, string[]> = {
  'node:buffer': ['Buffer', 'isUtf8', 'isAscii'],
  'node:zlib': ['gunzipSync', 'gzipSync', 'inflateSync', 'brotliDecompressSync'],
  'node:crypto': [
    'createHash',
    'createHmac',
    'createPrivateKey',
    'createPublicKey',
    'JsonWebKey',
    'KeyObject',
    // Ed25519 and RSA PKCS #1 signatures are functions of key and message alone.
    'sign',
    'timingSafeEqual',
    'verify',
  ],
}
const impureNames = new Set([
  'process',
  'console',
  'fetch',
  'crypto',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'globalThis',
  'WebSocket',
])

/** Core has no clock, randomness, I/O or process: the same input gives the same answer. */
export const coreIsPure: HouseRule = files =>
  below(files, 'src/core/').flatMap(file => {
    const faults: string[] = []
    for (const { specifier, names, node } of importsOf(file)) {
      if (specifier.startsWith('.')) continue
      const allowed = pureNode[specifier] ?? []
      for (const name of names) if (!allowed.includes(name)) faults.push(`${at(file, node)}: ${specifier} ${name}`)
    }
    walk(file, node => {
      const impurity = impurityOf(node)
      if (impurity) faults.push(`${at(file, node)}: ${impurity}`)
    })
    return faults
  })

function impurityOf(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText().replace(/\s/g, '')
    if (text === 'Date.now' || text === 'Math.random') return text
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) return 'new Date()'
  if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'Date()'
  if (ts.isIdentifier(node) && impureNames.has(node.text) && isReference(node)) return node.text
  return undefined
}

/** Whether a name is used as a value of its own: no property of something, no key, no name that the file gives. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  if (ts.isImportSpecifier(parent) || ts.isTypeReferenceNode(parent) || ts.isPropertySignature(parent)) return false
  if (ts.isMethodSignature(parent) || ts.isMethodDeclaration(parent) || ts.isQualifiedName(parent)) return false
  return !('name' in parent && parent.name === node) && !isGivenHere(node)
}

/** Whether a name is one that the file itself gives: a variable of a block around it, or a parameter. */
function isGivenHere(node: ts.Identifier): boolean {
  const isIt = ({ name }: { name: ts.BindingName }): boolean => ts.isIdentifier(name) && name.text === node.text
  for (let around: ts.Node = node.parent; around; around = around.parent) {
    if (ts.isFunctionLike(around) && around.parameters.some(isIt)) return true
    if (!ts.isBlock(around) && !ts.isSourceFile(around)) continue
    const variables = around.statements.filter(statement => ts.isVariableStatement(statement))
    if (variables.some(({ declarationList }) => declarationList.declarations.some(isIt))) return true
  }
  return false
}

/** What of `process` every room may read. */
const harmless = new Set(['platform', 'pid', 'arch', 'version', 'versions', 'hrtime', 'memoryUsage'])

/** Only the command line knows the environment, the arguments and the terminal. */
export const onlyCliKnowsTheProcess: HouseRule = files =>
  below(files, 'src/')
    .filter(file => !file.path.startsWith('src/cli/'))
    .flatMap(file => {
      const faults: string[] = []
      walk(file, node => {
        if (!ts.isIdentifier(node) || !isReference(node)) return
        if (node.text === 'console') faults.push(`${at(file, node)}: console`)
        if (node.text !== 'process') return
        const { parent } = node
        const what = ts.isPropertyAccessExpression(parent) ? parent.name.text : 'all of it'
        if (!harmless.has(what)) faults.push(`${at(file, node)}: process.${what}`)
      })
      return faults
    })

/** The page runs in a browser, where there is no other way; its policy lets it reach its own origin alone. */
const pageCalls = 'src/inspect/page/state/call.ts'

/** Requests go out through `net/` alone, where hosts and redirects are watched. */
export const onlyNetFetches: HouseRule = files =>
  below(files, 'src/')
    .filter(file => !file.path.startsWith('src/net/') && file.path !== pageCalls)
    .flatMap(file => {
      const faults: string[] = []
      walk(file, node => {
        if (!ts.isIdentifier(node) || node.text !== 'fetch' || !isReference(node)) return
        if (ts.isTypeQueryNode(node.parent) || ts.isShorthandPropertyAssignment(node.parent)) return
        faults.push(`${at(file, node)}: fetch`)
      })
      return faults
    })

const sql =
  /\bSELECT\b[^]*\bFROM\b|\bINSERT (OR \w+ )?INTO\b|\bUPDATE \w+ SET\b|\bDELETE FROM\b|\bCREATE (TABLE|INDEX)\b|\bPRAGMA \w/

/** Only the store knows SQL. */
export const onlyStoreKnowsSql: HouseRule = files =>
  below(files, 'src/')
    .filter(file => !file.path.startsWith('src/store/'))
    .flatMap(file =>
      literalsOf(file)
        .filter(({ text }) => sql.test(text))
        .map(({ node }) => `${at(file, node)}: SQL`),
    )

/** What a scheme signs is composed in one room; a second place would let our own signature pass for proof. */
export const onlyCoreSigns: HouseRule = files =>
  below(files, 'src/')
    .filter(file => !file.path.startsWith('src/core/'))
    .flatMap(file =>
      importsOf(file)
        .filter(({ specifier, names }) => /^(node:)?crypto$/.test(specifier) && names.some(isSigner))
        .map(({ node }) => `${at(file, node)}: a signature is made in core alone`),
    )

function isSigner(name: string): boolean {
  return ['createHmac', 'createSign', 'sign', '*'].includes(name)
}

/** Where a provider's id is a plain word that code needs for something else: path, id, why. */
const plainWords: { path: string; id: string; because: string }[] = [
  { path: 'src/connect/page-style.ts', id: 'linear', because: 'a timing function of CSS' },
]

/** No provider is known by name outside `src/providers/`: a quirk is a named value of a closed union. */
export function providersAreNotNamed(allowed = plainWords): HouseRule {
  return files => {
    const ids = providerIds(files)
    const used = new Set<unknown>()
    const faults = below(files, 'src/')
      .filter(file => !file.path.startsWith('src/providers/'))
      .flatMap(file =>
        literalsOf(file).flatMap(({ text, node }) =>
          ids
            .filter(id => holdsWord(text, id))
            .filter(id => {
              const entry = allowed.find(one => one.path === file.path && one.id === id)
              if (entry) used.add(entry)
              return !entry
            })
            .map(id => `${at(file, node)}: "${text}" names the provider ${id}`),
        ),
      )
    const stale = allowed.filter(entry => !used.has(entry))
    return [...faults, ...stale.map(({ path, id }) => `${path}: nothing there needs the word ${id} any more`)]
  }
}

export function providerIds(files: SourceFile[]): string[] {
  return providerFiles(files).map(file => file.path.replace(/^.*\/|\.ts$/g, ''))
}

function holdsWord(text: string, id: string): boolean {
  return new RegExp(`(?<![a-z0-9])${id}(?![a-z0-9])`, 'i').test(text)
}

/** A provider file exports one constant, named and identified as the file is. */
export const providersAreNamedAsTheirFile: HouseRule = files =>
  providerFiles(files).flatMap(file => {
    const id = file.path.replace(/^.*\/|\.ts$/g, '')
    const name = id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
    const exported = exportsOf(file).map(one => one.name)
    const faults = exported.join(' ') === name ? [] : [`${file.path}: exports ${exported.join(', ')}, not ${name}`]
    const said = topFields(file).get('id')
    return said === `'${id}'` ? faults : [...faults, `${file.path}: its id is ${said}`]
  })

/** The fields of a provider's constant, as they are written. */
export function topFields(file: SourceFile): Map<string, string> {
  const fields = new Map<string, string>()
  for (const { node } of exportsOf(file)) {
    if (!ts.isVariableStatement(node)) continue
    let value = node.declarationList.declarations[0]?.initializer
    while (value && (ts.isSatisfiesExpression(value) || ts.isAsExpression(value))) value = value.expression
    if (!value || !ts.isObjectLiteralExpression(value)) continue
    for (const field of value.properties) {
      if (ts.isPropertyAssignment(field)) fields.set(field.name.getText(), field.initializer.getText())
    }
  }
  return fields
}
