import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { envLine, mergeEnv } from '../../src/app/env-file.ts'

const values = [
  'plain',
  'with blank',
  '',
  'a=b',
  '$HOME `id` #x',
  "it's",
  'two\nlines',
  'whsec_Ab+/9==',
  '"quoted"',
  '\\n',
]

test.each(values.filter(value => !value.includes('\n')))('a shell reads back %j', value => {
  const line = envLine({ name: 'TOKEN', value })
  const read = execFileSync('sh', ['-c', `${line}\nprintf %s "$TOKEN"`], { env: {}, encoding: 'utf8' })
  expect(read).toBe(value)
})

test('every value stays on its line', () => {
  for (const value of values) expect(envLine({ name: 'TOKEN', value })).not.toContain('\n')
})

test('names that are there are replaced in place, other lines are kept byte for byte', () => {
  const before = '# my app\nPORT=3000\n\nexport A_SECRET=old\n  B_URL = "x"\nNOT_A_SECRET=kept\nA_SECRET_2=kept'
  const merged = mergeEnv(before, [
    { name: 'A_SECRET', value: 'new' },
    { name: 'B_URL', value: 'https://example.test/hooks/b' },
    { name: 'C', value: 'added $1' },
  ])
  expect(merged).toBe(
    "# my app\nPORT=3000\n\nexport A_SECRET=new\n  B_URL=https://example.test/hooks/b\nNOT_A_SECRET=kept\nA_SECRET_2=kept\nC='added $1'\n",
  )
})

test('line ends are kept as the file has them', () => {
  const merged = mergeEnv('A=1\r\nB=2\r\n', [
    { name: 'A', value: '3' },
    { name: 'C', value: '4' },
  ])
  expect(merged).toBe('A=3\r\nB=2\r\nC=4\r\n')
})

test('merging twice changes nothing more', () => {
  const entries = [{ name: 'A', value: "it's" }]
  const once = mergeEnv('', entries)
  expect(mergeEnv(once, entries)).toBe(once)
})
