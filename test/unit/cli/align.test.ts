import { expect, test } from 'vitest'
import { alignRows } from '../../../src/cli/render/align.ts'

test('columns are straight whatever their colours, and the last one takes what it needs', () => {
  const cyan = (text: string): string => `\u001b[36m${text}\u001b[39m`
  expect(
    alignRows([
      [cyan('acme'), 'a', 'long text'],
      ['globex', 'bcd', 'x'],
      ['', 'only'],
    ]),
  ).toEqual([`${cyan('acme')}    a    long text`, 'globex  bcd  x', '        only'])
})
