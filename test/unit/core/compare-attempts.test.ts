import { expect, test } from 'vitest'
import { type ComparedAttempt, compareAttempts } from '../../../src/core/compare-attempts.ts'

function attempt(number: number, status: number | null, more: Partial<ComparedAttempt> & { said?: string } = {}) {
  const { said = '', ...rest } = more
  const target = 'http://localhost:3000/'
  const answered = { error: status === null ? 'nobody: connect ECONNREFUSED' : null, headers: '[]' }
  const times = { at: number * 1000, ms: number * 10 }
  return { target, status, ...answered, ...times, body: Buffer.from(said), ...rest }
}

const verdicts: [what: string, statuses: (number | null)[], verdict: string, attempts: [number, number]][] = [
  ['mended at the second', [500, 200], 'fixed since attempt 2', [1, 2]],
  ['mended at the third, and good since', [500, 500, 200, 200], 'fixed since attempt 3', [2, 3]],
  ['broken after it was good', [200, 500], 'broken since attempt 2', [1, 2]],
  ['bad in another way', [500, 401, 401], 'fails in another way since attempt 2', [1, 2]],
  ['good in another way', [200, 204], 'another answer since attempt 2', [1, 2]],
  ['back after nobody was there', [null, null, 200], 'fixed since attempt 3', [2, 3]],
  ['always the same', [500, 500, 500], 'the same each time', [2, 3]],
]

test.each(verdicts)('%s', (_, statuses, verdict, attempts) => {
  const compared = compareAttempts(statuses.map((status, index) => attempt(index + 1, status)))
  expect(compared).toMatchObject([{ verdict, attempts }])
})

test('one attempt is compared with nothing, and targets not with each other', () => {
  expect(compareAttempts([attempt(1, 200)])).toEqual([])
  expect(compareAttempts([attempt(1, 500), attempt(1, 200, { target: 'http://localhost:3001/' })])).toEqual([])
})

test('status, time, headers and body stand side by side; what changes with every answer is left out, secrets are masked', () => {
  const before = ['Date', 'Mon', 'X-Request-Id', 'a1', 'Set-Cookie', 'session=0123456789abcdef', 'X-Gone', '1']
  const after = ['date', 'Tue', 'x-request-id', 'b2', 'Set-Cookie', 'session=fedcba98765432100', 'x-new', '\u001b[2J']
  const [compared] = compareAttempts([
    attempt(1, 500, { headers: JSON.stringify(before), said: 'duplicate key' }),
    attempt(2, 200, { headers: JSON.stringify(after) }),
  ])
  expect(compared?.differences).toEqual([
    { name: 'status', values: ['500', '200'] },
    { name: 'time', values: ['10 ms', '20 ms'] },
    { name: 'header set-cookie', values: ['sess… (24 characters)', 'sess… (25 characters)'] },
    { name: 'header x-gone', values: ['1', null] },
    { name: 'header x-new', values: [null, '·[2J'] },
    { name: 'header x-request-id', values: ['a1', 'b2'] },
    { name: 'body', values: ['duplicate key', null] },
  ])
})

test('long bodies are shown from where they begin to differ', () => {
  const same = 'x'.repeat(5_000)
  const [compared] = compareAttempts([
    attempt(1, 500, { said: `${same}left` }),
    attempt(2, 500, { said: `${same}right` }),
  ])
  expect(compared?.differences.at(-1)).toEqual({
    name: 'body',
    values: [`…${'x'.repeat(20)}left`, `…${'x'.repeat(20)}right`],
  })
})
