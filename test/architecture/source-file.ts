import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** A file as the rules see it: where it is (from the top, with `/`) and what it says. */
export interface SourceFile {
  path: string
  text: string
}

/** A rule of the house: what is wrong in some files, one line each. */
export type HouseRule = (files: SourceFile[]) => string[]

export const top = fileURLToPath(new URL('../../', import.meta.url))
const notOurs = new Set(['.git', 'node_modules', 'dist'])

/** Every file below the top that is ours. */
export function readHouse(): SourceFile[] {
  const paths = readdirSync(top, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => `${entry.parentPath}/${entry.name}`.slice(top.length).replace(/^\//, '').replaceAll('\\', '/'))
  return paths
    .filter(path => !notOurs.has(path.split('/')[0] as string) && !path.endsWith('.log') && !path.endsWith('.DS_Store'))
    .sort()
    .map(path => ({ path, text: readFileSync(`${top}/${path}`, 'utf8') }))
}

const parsed = new WeakMap<SourceFile, ts.SourceFile>()

export function syntaxOf(file: SourceFile): ts.SourceFile {
  const known = parsed.get(file)
  if (known) return known
  const tree = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ESNext, true)
  parsed.set(file, tree)
  return tree
}

/** Calls `visit` for every node of a file, from the top. */
export function walk(file: SourceFile, visit: (node: ts.Node) => void): void {
  const step = (node: ts.Node): void => {
    visit(node)
    ts.forEachChild(node, step)
  }
  step(syntaxOf(file))
}

/** `path:line` of a node, as editors open it. */
export function at(file: SourceFile, node: ts.Node): string {
  return `${file.path}:${syntaxOf(file).getLineAndCharacterOfPosition(node.getStart()).line + 1}`
}

export interface Import {
  specifier: string
  /** What is taken by name; `*` for the whole module. */
  names: string[]
  typeOnly: boolean
  node: ts.Node
}

/** Everything a file imports or passes on: `import`, `export … from`, `import()`, `require()`. */
export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = []
  walk(file, node => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const { importClause } = node
      const bindings = importClause?.namedBindings
      const names = bindings && ts.isNamedImports(bindings) ? bindings.elements.map(one => importedName(one)) : ['*']
      const typeOnly = importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      found.push({ specifier: node.moduleSpecifier.text, names, typeOnly, node })
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      found.push({ specifier: node.moduleSpecifier.text, names: ['*'], typeOnly: node.isTypeOnly, node })
    } else if (ts.isCallExpression(node) && isLoader(node.expression)) {
      const [first] = node.arguments
      const specifier = first && ts.isStringLiteralLike(first) ? first.text : '(computed)'
      found.push({ specifier, names: ['*'], typeOnly: false, node })
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const specifier = (node.argument.literal as ts.StringLiteral).text
      found.push({ specifier, names: ['*'], typeOnly: true, node })
    }
  })
  return found
}

function importedName(one: ts.ImportSpecifier): string {
  return (one.propertyName ?? one.name).text
}

function isLoader(expression: ts.Expression): boolean {
  if (expression.kind === ts.SyntaxKind.ImportKeyword) return true
  return ts.isIdentifier(expression) && expression.text === 'require'
}

/** The path that a relative import means, from the top. */
export function resolveImport(file: SourceFile, specifier: string): string {
  return new URL(specifier, `file:///${file.path}`).pathname.slice(1)
}

/** Every piece of literal text in a file, property names in quotes and plain ones included; no comments. */
export function literalsOf(file: SourceFile): { text: string; node: ts.Node }[] {
  const found: { text: string; node: ts.Node }[] = []
  walk(file, node => {
    if (ts.isStringLiteralLike(node)) found.push({ text: node.text, node })
    else if (ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)) {
      found.push({ text: node.text, node })
    } else if (ts.isRegularExpressionLiteral(node)) found.push({ text: node.text, node })
    else if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name)) found.push({ text: node.name.text, node })
  })
  return found
}

/** The comments of a file, each with its line. */
export function commentsOf(file: SourceFile): { text: string; line: number }[] {
  const found: { text: string; line: number }[] = []
  const seen = new Set<number>()
  const tree = syntaxOf(file)
  walk(file, node => {
    const ranges = [
      ...(ts.getLeadingCommentRanges(file.text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(file.text, node.getEnd()) ?? []),
    ]
    for (const { pos, end } of ranges) {
      if (seen.has(pos)) continue
      seen.add(pos)
      found.push({ text: file.text.slice(pos, end), line: tree.getLineAndCharacterOfPosition(pos).line + 1 })
    }
  })
  return found
}

/** What a file exports: its names, with the statement. */
export function exportsOf(file: SourceFile): { name: string; node: ts.Statement }[] {
  return syntaxOf(file).statements.flatMap((node): { name: string; node: ts.Statement }[] => {
    if (ts.isExportAssignment(node)) return [{ name: 'default', node }]
    if (ts.isExportDeclaration(node)) {
      const clause = node.exportClause
      return clause && ts.isNamedExports(clause) ? clause.elements.map(one => ({ name: one.name.text, node })) : []
    }
    const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : []
    if (!modifiers.some(one => one.kind === ts.SyntaxKind.ExportKeyword)) return []
    if (modifiers.some(one => one.kind === ts.SyntaxKind.DefaultKeyword)) return [{ name: 'default', node }]
    if (ts.isVariableStatement(node)) {
      return node.declarationList.declarations.map(one => ({ name: one.name.getText(), node }))
    }
    const name = (node as ts.Statement & { name?: ts.Identifier }).name?.text
    return name ? [{ name, node }] : []
  })
}

/** The TypeScript files below a folder. */
export function below(files: SourceFile[], folder: string): SourceFile[] {
  return files.filter(file => file.path.startsWith(folder) && /\.[cm]?tsx?$/.test(file.path))
}
