import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { makeProgram } from '../../src/cli/program.ts'
import { jsonLines, prepareHome } from '../helpers/listening.ts'
import { runWhs } from '../helpers/program.ts'

const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version

const program = makeProgram({
  self: () => 'whs',
  versionOf: () => version,
  context() {
    throw new Error('no command runs here')
  },
  done: () => undefined,
})

/** Every command as a person types it, groups too. */
function commandLines(parent: typeof program, before: string[] = []): { line: string[]; isGroup: boolean }[] {
  return parent.commands.flatMap(command => {
    const line = [...before, command.name()]
    return [{ line, isGroup: command.commands.length > 0 }, ...commandLines(command, line)]
  })
}

test('--version prints the version alone', async () => {
  expect(await runWhs(['--version'])).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: '' })
  expect((await runWhs(['-V'])).stdout).toBe(`${version}\n`)
})

test('--help lists every command, says what each does, and ends with examples', async () => {
  const { code, stdout, stderr } = await runWhs(['--help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  for (const command of program.commands) {
    expect(stdout).toMatch(new RegExp(`^ {2}${command.name()}[ |]`, 'm'))
    expect(command.description(), command.name()).not.toBe('')
  }
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^ {2}npx whs /)
})

test.each(commandLines(program))('$line --help works and ends with examples', async ({ line, isGroup }) => {
  const { code, stdout, stderr } = await runWhs([...line, '--help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(new RegExp(`^Usage: whs ${line.join('\\S* ')}`))
  if (!isGroup) expect(stdout).toMatch(/\nExamples:\n( {2}.*npx whs .*\n)+$/)
})

test.each([
  ['liten', 'listen'],
  ['evnts', 'events'],
  ['replai', 'replay'],
])('an unknown command: %s → did you mean %s, exit 2', async (typed, meant) => {
  const { code, stdout, stderr } = await runWhs([typed], { env: { WHS_OUTPUT: 'text' } })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(typed)
  expect(stderr).toContain(`did you mean ${meant}`)
  expect(stderr.trimEnd().split('\n')).toHaveLength(3)
})

test('an unknown option: exit 2 and the near one', async () => {
  const { code, stderr } = await runWhs(['events', '--tennant', 'acme'])
  expect(code).toBe(2)
  expect(stderr).toContain('--tenant')
})

test.each([
  [['explain'], "missing required argument 'id'", 'whs explain [options] <id>', 'whs explain --help'],
  [
    ['tenants', 'map', 'acme'],
    "required option '--app",
    'whs tenants map [options] <tenant>',
    'whs tenants map --help',
  ],
  [['--tenant', 'acme', 'events'], "unknown option '--tenant'", 'whs events --tenant acme', 'whs --help'],
])('wrong usage: %j says what, why and what to type next', async (args, what, why, next) => {
  const { code, stderr } = await runWhs(args)
  expect(code).toBe(2)
  const said = jsonLines(stderr) as { what: string; why: string; next: string }[]
  expect(said).toHaveLength(1)
  expect(said[0]?.what).toContain(what)
  expect(said[0]?.why).toContain(why)
  expect(said[0]?.next.replace('npx whs', 'whs')).toBe(next)
})

test('an unknown provider: exit 5 and the near one', async () => {
  const { code, stdout, stderr } = await runWhs(['providers', 'show', 'quickboks'])
  expect({ code, stdout }).toEqual({ code: 5, stdout: '' })
  expect(stderr).toContain('did you mean quickbooks')
})

test('an app that is not set up: exit 3 and the command that helps', async () => {
  const { code, stdout, stderr } = await runWhs(['connect', 'quickbooks', '--yes'])
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  expect(stderr).toMatch(/whs (setup|app add) quickbooks/)
})

test('a real app without an ngrok token: exit 3 and the ways out, before anything opens', async () => {
  const home = await prepareHome()
  const { code, stdout, stderr } = await runWhs(['listen', '--port', '0'], { home })
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  expect(stderr).toMatch(/NGROK_AUTHTOKEN/)
  expect(stderr).toMatch(/--tunnel/)
})

test('a pipe gets JSON, one object a line; --output text gets text', async () => {
  const { stdout, code } = await runWhs(['providers'])
  expect(code).toBe(0)
  expect(jsonLines(stdout)).toContainEqual(expect.objectContaining({ type: 'provider', id: 'quickbooks' }))
  const text = await runWhs(['providers', '--output', 'text'])
  expect(text.stdout).toMatch(/^quickbooks +QuickBooks/m)
  const forced = await runWhs(['providers'], { env: { WHS_OUTPUT: 'text' } })
  expect(forced.stdout).toBe(text.stdout)
})

test('an output form that does not exist is wrong usage', async () => {
  expect(await runWhs(['providers', '--output', 'yaml'])).toMatchObject({ code: 2, stdout: '' })
  expect(await runWhs(['providers'], { env: { WHS_OUTPUT: 'yaml' } })).toMatchObject({ code: 2, stdout: '' })
})

test('colours: none in a pipe, asked for by FORCE_COLOR, refused by NO_COLOR and --no-color', async () => {
  const text = ['providers', '--output', 'text']
  const esc = '\u001b['
  expect((await runWhs(text)).stdout).not.toContain(esc)
  expect((await runWhs(text, { env: { FORCE_COLOR: '1' } })).stdout).toContain(esc)
  expect((await runWhs(text, { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout).not.toContain(esc)
  expect((await runWhs([...text, '--no-color'], { env: { FORCE_COLOR: '1' } })).stdout).not.toContain(esc)
})

test('a failure in JSON form is one line that says the same', async () => {
  const { stderr } = await runWhs(['providers', 'show', 'quickboks'])
  expect(jsonLines(stderr)).toEqual([
    expect.objectContaining({
      type: 'error',
      code: 'unknown-provider',
      exit: 5,
      next: expect.stringContaining('whs') as string,
    }),
  ])
})

test('--debug shows where an error came from, and only then', async () => {
  const plain = await runWhs(['providers', 'show', 'nope'])
  const debug = await runWhs(['providers', 'show', 'nope', '--debug'])
  expect(plain.stderr).not.toMatch(/\n\s+at /)
  expect(debug.stderr).toMatch(/\n\s+at /)
})
