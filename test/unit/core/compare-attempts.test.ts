import { expect, test } from 'vitest'
import { attemptGroups, type ComparedAttempt, compareAttempts, markOf } from '../../../src/core/compare-attempts.ts'

function attempt(number: number, status: number | null, more: Partial<ComparedAttempt> & { said?: string } = {}) {
  const { said = '', ...rest } = more
  const target = 'http://localhost:3000/'
  const answered = { error: status === null ? 'nobody: connect ECONNREFUSED' : null, headers: '[]' }
  const times = { at: number * 1000, ms: number * 10 }
  const plain = { tenant: 'acme', eventSeqs: [1], changed: null, kept: false }
  return { target, status, ...plain, ...answered, ...times, body: Buffer.from(said), ...rest }
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
  const compared = compareAttempts(
    statuses.map((status, index) => attempt(index + 1, status)),
    'event',
  )
  expect(compared).toMatchObject([{ verdict, attempts }])
})

const changes: [what: string, tries: [number, string | null][], verdict: string, attempts: [number, number]][] = [
  [
    'only edited it was taken',
    [
      [500, null],
      [200, 'edited'],
    ],
    'taken only as changed (attempt 2: edited)',
    [1, 2],
  ],
  [
    'edited it failed',
    [
      [200, null],
      [500, 'edited'],
    ],
    'taken as it came, not as changed (attempt 2: edited)',
    [1, 2],
  ],
  [
    'alike',
    [
      [500, null],
      [500, 'edited'],
    ],
    'the same as it came and as changed (attempt 2: edited)',
    [1, 2],
  ],
  [
    'both bad',
    [
      [500, null],
      [422, 'as globex'],
    ],
    'fails in another way as changed (attempt 2: as globex)',
    [1, 2],
  ],
  [
    'both good',
    [
      [200, null],
      [204, 'edited'],
    ],
    'another answer as changed (attempt 2: edited)',
    [1, 2],
  ],
  [
    'first changed, then as it came',
    [
      [200, 'edited'],
      [500, null],
    ],
    'taken only as changed (attempt 1: edited)',
    [1, 2],
  ],
  [
    'a change between says nothing',
    [
      [500, null],
      [200, 'edited'],
      [500, null],
    ],
    'the same each time as it came',
    [1, 3],
  ],
  [
    'mended since, not by the change',
    [
      [500, null],
      [200, 'edited'],
      [200, null],
    ],
    'fixed since attempt 3',
    [1, 3],
  ],
  [
    'each changed',
    [
      [500, 'edited'],
      [200, 'edited'],
    ],
    'another answer, each changed',
    [1, 2],
  ],
  [
    'each changed, alike',
    [
      [500, 'edited'],
      [500, 'as globex'],
    ],
    'the same each time, each changed',
    [1, 2],
  ],
]

test.each(changes)(
  'what a person changed proves nothing of the event as it came: %s',
  (_, tries, verdict, attempts) => {
    const made = tries.map(([status, changed], index) => attempt(index + 1, status, { changed }))
    const [compared] = compareAttempts(made, 'event')
    expect(compared).toMatchObject({ verdict, attempts })
    const [before, after] = attempts
    expect(compared?.marks).toEqual([tries[before - 1]?.[1], tries[after - 1]?.[1]])
  },
)

test('the attempts of a delivery are compared by tenant, target and events', () => {
  const attempts = [
    attempt(1, 500),
    attempt(2, 500, { tenant: 'globex', eventSeqs: [2] }),
    attempt(3, 500, { eventSeqs: [3] }),
    attempt(4, 200, { kept: true }),
  ]
  expect(attemptGroups(attempts, 'delivery').map(group => group.map(({ at }) => at / 1000))).toEqual([[1, 4], [2], [3]])
  expect(compareAttempts(attempts, 'delivery')).toMatchObject([
    { tenant: 'acme', verdict: 'fixed since attempt 2', attempts: [1, 2], marks: [null, 'signature kept'] },
  ])
  expect(markOf({ changed: 'edited', kept: false })).toBe('edited')
})

test('one attempt is compared with nothing, and targets not with each other', () => {
  expect(compareAttempts([attempt(1, 200)], 'event')).toEqual([])
  const elsewhere = [attempt(1, 500), attempt(1, 200, { target: 'http://localhost:3001/' })]
  expect(compareAttempts(elsewhere, 'event')).toEqual([])
})

test('status, time, headers and body stand side by side; what changes with every answer is left out, secrets are masked', () => {
  const before = ['Date', 'Mon', 'X-Request-Id', 'a1', 'Set-Cookie', 'session=0123456789abcdef', 'X-Gone', '1']
  const after = ['date', 'Tue', 'x-request-id', 'b2', 'Set-Cookie', 'session=fedcba98765432100', 'x-new', '\u001b[2J']
  const attempts = [
    attempt(1, 500, { headers: JSON.stringify(before), said: 'duplicate key' }),
    attempt(2, 200, { headers: JSON.stringify(after) }),
  ]
  const [compared] = compareAttempts(attempts, 'event')
  expect(compared?.differences).toEqual([
    { name: 'status', values: ['500', '200'] },
    { name: 'time', values: ['10 ms', '20 ms'] },
    { name: 'body', values: ['duplicate key', null] },
    { name: 'header set-cookie', values: ['sess… (24 characters)', 'sess… (25 characters)'] },
    { name: 'header x-gone', values: ['1', null] },
    { name: 'header x-new', values: [null, '·[2J'] },
    { name: 'header x-request-id', values: ['a1', 'b2'] },
  ])
})

test('long bodies are shown from where they begin to differ', () => {
  const same = 'x'.repeat(5_000)
  const attempts = [attempt(1, 500, { said: `${same}left` }), attempt(2, 500, { said: `${same}right` })]
  const [compared] = compareAttempts(attempts, 'event')
  expect(compared?.differences.at(-1)).toEqual({
    name: 'body',
    values: [`…${'x'.repeat(20)}left`, `…${'x'.repeat(20)}right`],
  })
})
