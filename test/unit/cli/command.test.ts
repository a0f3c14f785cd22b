import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { makeProgram } from '../../../src/cli/program.ts'
import { command, commandWords } from '../../../src/cli/render/command.ts'
import { shellWord } from '../../../src/core/shell-word.ts'
import { tempHome } from '../../helpers/temp-home.ts'
import { bareCommand, runCommand, testIo } from '../../helpers/test-io.ts'

test('a command is printed as it works here', () => {
  expect(command({ self: 'npx whs' }, 'whs setup quickbooks, or whs events')).toBe(
    'npx whs setup quickbooks, or npx whs events',
  )
  expect(command({ self: 'npx whs' }, 'https://whs example')).toBe('https://whs example')
  expect(command({ self: 'npx whs' }, '{"next":"whs doctor"} (whs events)')).toBe(
    '{"next":"npx whs doctor"} (npx whs events)',
  )
  const twice = command({ self: 'npx whs' }, command({ self: 'npx whs' }, 'as "whs activate" does'))
  expect(twice).toBe('as "npx whs activate" does')
})

test('every command line under test is looked through for commands that would not work here', async () => {
  expect(bareCommand('error  no\nnext   whs events')).toBe('next   whs events')
  expect(bareCommand('{"type":"error","next":"whs env"}')).toBeDefined()
  expect(bareCommand('whs is up; next npx whs events')).toBeUndefined()
  const ran = await runCommand(['events', 'show', 'last', '--output', 'text'], { env: { WHS_HOME: tempHome() } })
  expect(ran).toMatchObject({ code: 5, err: expect.stringMatching(/next +whs events/) })
})

test('the program in a sentence is no command, and every command is one', () => {
  const io = { self: 'npx whs' }
  const prose = 'give whs the Signing secret, so whs must be listening; whs applies it'
  expect(command(io, prose)).toBe(prose)
  const program = makeProgram({
    versionOf: () => '0',
    self: () => 'whs',
    context: () => testIo({}),
    done: () => undefined,
  })
  expect(
    program.commands
      .map(one => one.name())
      .filter(name => name !== 'help')
      .sort(),
  ).toEqual([...commandWords].sort())
})

test.each(['9341453900000009999', 'a b', "it's", '$(id)', '*', '', '\u001b[2J', "\u202e'\\x\n", 'é😀\u{e0041}'])(
  'bash reads %j back from its word, and the word holds nothing that moves a terminal',
  text => {
    const word = shellWord(text)
    expect(word).not.toMatch(/\p{Cc}|\p{Cf}/u)
    const options = { env: { LC_ALL: 'C.UTF-8' } }
    expect(execFileSync('bash', ['--norc', '-c', `printf %s ${word}`], options).toString()).toBe(text)
  },
)
