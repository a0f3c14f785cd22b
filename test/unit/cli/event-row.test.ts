import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { rowLayout } from '../../../src/cli/render/event-row.ts'
import { makePaint } from '../../../src/cli/render/paint.ts'

test('a painted word takes as much room as a plain one', () => {
  const [plain, painted] = [makePaint(false), makePaint(true)]
  const line = (paint: typeof plain): string => rowLayout(80, paint).plain('12:00:00', paint.warn('held'), 'why')
  expect(line(plain)).toBe('12:00:00  held      why')
  expect(stripVTControlCharacters(line(painted))).toBe(line(plain))
})
