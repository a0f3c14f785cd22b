import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { makeProgram } from '../../../src/cli/program.ts'
import { command, commandWords } from '../../../src/cli/render/command.ts'
import { shellWord } from '../../../src/core/shell-word.ts'
import { testIo } from '../../helpers/test-io.ts'

test('a command is printed as it works here', () => {
  expect(command({ self: 'npx whs' }, 'whs setup quickbooks, or whs events')).toBe(
    'npx whs setup quickbooks, or npx whs events',
  )
  expect(command({ self: 'npx whs' }, 'https://whs example')).toBe('https://whs example')
})

test('the program in a sentence is no command, and every command is one', () => {
  const io = { self: 'npx whs' }
  const prose = 'give whs the Signing secret, so whs must be listening; whs applies it'
  expect(command(io, prose)).toBe(prose)
  const program = makeProgram({ versionOf: () => '0', context: () => testIo({}), done: () => undefined })
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
