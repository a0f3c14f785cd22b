import { homedir } from 'node:os'
import ts from 'typescript'
import { at, below, commentsOf, type HouseRule, importsOf, type SourceFile, top, walk } from './source-file.ts'

/** Nothing is left for later without a place in the list of issues. */
export const nothingIsLeftForLater: HouseRule = files => {
  const mark = /\b(TODO|FIXME|XXX|HACK)\b/
  return files.flatMap(file => {
    const texts = /\.[cm]?[jt]sx?$/.test(file.path) ? commentsOf(file) : linesOf(file)
    return texts.filter(({ text }) => mark.test(text)).map(({ line }) => `${file.path}:${line}`)
  })
}

function linesOf(file: SourceFile): { text: string; line: number }[] {
  return file.text.split('\n').map((text, index) => ({ text, line: index + 1 }))
}

const runners = new Set(['test', 'it', 'describe', 'suite', 'bench'])
const banned = new Set(['skip', 'only', 'todo', 'fails', 'skipIf', 'runIf'])

/** Where `skipIf` may ask for something that npm does not bring, and what. */
export const maySkip: Record<string, string> = {
  'test/e2e/terminal.test.ts': 'tmux, to stand between the program and a real terminal',
  'test/e2e/setup.test.ts': 'the same',
  'test/e2e/hooks-hang.test.ts': 'the same',
  'test/e2e/replay.test.ts': 'the same',
}

/** Every test runs, once: none is left out, picked out, expected to fail or tried again. */
export const everyTestRuns: HouseRule = files =>
  below(files, 'test/').flatMap(file => {
    const faults: string[] = []
    walk(file, node => {
      if (ts.isPropertyAccessExpression(node) && banned.has(node.name.text) && runners.has(rootOf(node))) {
        if (node.name.text === 'skipIf' && file.path in maySkip) return
        faults.push(`${at(file, node)}: ${node.getText()}`)
      }
      if (ts.isCallExpression(node) && runners.has(rootOf(node.expression))) {
        for (const argument of node.arguments) {
          if (!ts.isObjectLiteralExpression(argument)) continue
          const names = argument.properties.map(one => one.name?.getText() ?? '')
          for (const name of names) {
            if (name === 'retry' || banned.has(name)) faults.push(`${at(file, node)}: ${name}`)
          }
        }
      }
    })
    return faults
  })

function rootOf(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return node.text
  if (ts.isPropertyAccessExpression(node) || ts.isCallExpression(node)) return rootOf(node.expression)
  return ''
}

const mocks = new Set(['mock', 'doMock', 'hoisted', 'unmock', 'importMock', 'mockObject'])
const snapshots = new Set(['toMatchSnapshot', 'toMatchFileSnapshot', 'toThrowErrorMatchingSnapshot'])

/** Tests use the real parts: no module is mocked, no snapshot file is kept. */
export const testsUseRealParts: HouseRule = files =>
  below(files, 'test/').flatMap(file => {
    const faults: string[] = []
    for (const { specifier, node } of importsOf(file)) {
      if (/^(msw|nock|sinon|mock-fs|testdouble)(\/|$)/.test(specifier)) faults.push(`${at(file, node)}: ${specifier}`)
    }
    walk(file, node => {
      if (!ts.isPropertyAccessExpression(node)) return
      const { text } = node.name
      const isMock = mocks.has(text) && node.expression.getText() === 'vi'
      if (isMock || snapshots.has(text)) faults.push(`${at(file, node)}: ${text}`)
    })
    return faults
  })

/**
 * No file names the machine it was made on or where its packages were fetched from: this very folder, the home folder
 * of whoever runs the test, a host that only serves packages.
 */
export function namesNoMachine(here = { top, home: homedir() }): HouseRule {
  const patterns = [
    /\bregistry\.[a-z0-9-]+(\.[a-z0-9-]+)+\b/i,
    /\b[\w.-]*(artifactory|verdaccio|jfrog|nexus-?repo)[\w.-]*\b/i,
  ]
  for (const path of [here.top, here.home]) {
    const bare = path.replace(/\/+$/, '')
    if (bare.length > 1)
      patterns.push(new RegExp(`(?<![\\w.-])${bare.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`))
  }
  return files =>
    files
      .filter(file => !file.path.startsWith('fixtures/') && file.path !== 'test/architecture/text-rules.ts')
      .flatMap(file => linesOf(file).map(line => ({ ...line, file })))
      .filter(({ text }) => patterns.some(pattern => pattern.test(text)))
      .map(({ file, line }) => `${file.path}:${line}`)
}
