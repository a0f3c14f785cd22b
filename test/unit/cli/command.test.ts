import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { command, shellWord } from '../../../src/cli/render/command.ts'

test('a command is printed as it works here', () => {
  expect(command({ self: 'npx whs' }, 'whs setup quickbooks, or whs events')).toBe(
    'npx whs setup quickbooks, or npx whs events',
  )
  expect(command({ self: 'npx whs' }, 'https://whs example')).toBe('https://whs example')
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
