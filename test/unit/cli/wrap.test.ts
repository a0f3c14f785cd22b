import { expect, test } from 'vitest'
import { wrap } from '../../../src/cli/render/wrap.ts'

test.each([
  ['what fits stays', 'one two', 7, undefined, 'one two'],
  ['broken at blanks', 'one two three', 7, undefined, 'one two\nthree'],
  ['indented as it begins', '  one two three', 9, undefined, '  one two\n  three'],
  ['or as told', 'why    one two', 10, 7, 'why    one\n       two'],
  ['a long word stays whole', 'see https://example.com/a now', 8, 2, 'see\n  https://example.com/a\n  now'],
  ['columns stay columns before the break', 'a    b    c', 6, 2, 'a    b\n  c'],
  ['a blank end does not count', 'one two ', 7, undefined, 'one two '],
])('%s', (_, line, columns, indent, wrapped) => {
  expect(wrap(line, columns, indent)).toBe(wrapped)
})

test('colours have no width, and a coloured beginning is still a beginning', () => {
  const faint = (text: string): string => `\u001b[2m${text}\u001b[22m`
  expect(wrap(faint('one two'), 7)).toBe(faint('one two'))
  expect(wrap(faint('  one two three'), 9)).toBe('\u001b[2m  one two\n  three\u001b[22m')
})
