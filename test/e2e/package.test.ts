import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { buildPage } from '../helpers/global-setup.ts'
import { makeFolder, type ProgramResult, startProgram } from '../helpers/program.ts'

const root = new URL('../..', import.meta.url).pathname.replace(/\/$/, '')
const run = promisify(execFile)

test('what is published: the built program, the fixtures and no more; it runs with its own dependencies alone', async () => {
  const tarball = await pack()
  const folder = join(makeFolder(), 'elsewhere')
  const installed = await install(tarball, folder)

  const fixtures = filesIn(join(root, 'fixtures')).map(file => `fixtures/${file}`)
  const entries = ['dist/cli/main.js', 'dist/store/writer-thread.js', 'dist/inspect/index.html']
  const expected = ['LICENSE', 'README.md', 'bin/whs.js', 'package.json', ...entries, ...fixtures]
  const hashed = /^dist\/(chunks\/[^/]+\.js|inspect\/assets\/index-[\w-]+\.(js|css))$/
  const shipped = filesIn(installed).filter(file => !hashed.test(file))
  expect(shipped.toSorted()).toEqual(expected.toSorted())
  const assets = filesIn(join(installed, 'dist/inspect/assets')).map(file => file.replace(/^.*\./, ''))
  expect(assets.toSorted(), 'the page is one script and one style sheet').toEqual(['css', 'js'])

  for (const file of filesIn(installed)) {
    const text = readFileSync(join(installed, file), 'latin1')
    expect(text.includes(root), `${file} names a folder of this machine`).toBe(false)
    expect(text, file).not.toContain('sourceMappingURL')
  }
  expect(statSync(join(installed, 'bin/whs.js')).mode & 0o111).not.toBe(0)

  const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { version: string }
  expect(await whs(folder, ['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' })
  expect(await whs(folder, ['--help'])).toMatchObject({ code: 0, stderr: '' })
  expect(await whs(folder, ['events'])).toMatchObject({ code: 0, stdout: '', stderr: '' })
  const demo = await whs(folder, ['demo', '--once', '--output', 'text', '--yes'])
  expect(demo, demo.stderr).toMatchObject({ code: 0 })
  expect(demo.stdout).toMatch(/acme .*→ 200/)
  expect(demo.stdout).toMatch(/parked/)
  expect(demo.stdout).toMatch(/wrong-secret/)
})

/** Packs from a copy of what the repository holds, built anew: a leftover of an earlier build would be packed too. */
async function pack(): Promise<string> {
  const copy = join(makeFolder(), 'whs')
  mkdirSync(copy)
  for (const name of [
    'package.json',
    '.rolldown.js',
    '.vite.page.js',
    'tsconfig.json',
    'LICENSE',
    'README.md',
    'bin',
    'src',
    'fixtures',
  ]) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(copy, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  await run(process.execPath, [join(root, 'node_modules/rolldown/bin/cli.mjs'), '-c', '.rolldown.js'], { cwd: copy })
  buildPage(copy)
  await run('npm', ['pack', '--ignore-scripts'], { cwd: copy })
  const [name] = readdirSync(copy).filter(file => file.endsWith('.tgz'))
  return join(copy, String(name))
}

/**
 * Installs it as npm would, without a network: the package unpacked, its command linked, and of this repository's
 * packages those that are not only for development.
 */
async function install(tarball: string, folder: string): Promise<string> {
  const modules = join(folder, 'node_modules')
  const target = join(modules, 'whs-cli')
  mkdirSync(join(modules, '.bin'), { recursive: true })
  mkdirSync(target)
  await run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'])
  symlinkSync('../whs-cli/bin/whs.js', join(modules, '.bin', 'whs'))
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>
  }
  for (const [path, { dev, devOptional }] of Object.entries(lock.packages)) {
    const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path) ?? []
    const from = join(root, path)
    if (!name || dev || devOptional || !existsSync(from)) continue
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(from, join(modules, name))
  }
  return target
}

function whs(folder: string, args: string[]): Promise<ProgramResult> {
  const program = startProgram(join(folder, 'node_modules', '.bin', 'whs'), args, { cwd: folder })
  program.stdin.end()
  return program.ended
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(entry => relative(folder, join(entry.parentPath, entry.name)))
}
