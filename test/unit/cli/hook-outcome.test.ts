import { expect, test } from 'vitest'
import { hookLines, hookRecord, hookText } from '../../../src/cli/render/hook-outcome.ts'
import type { ActivationOutcome } from '../../../src/connect/activation/activation-outcome.ts'
import type { StoredActivation } from '../../../src/store/activation-ops.ts'
import { testIo } from '../../helpers/test-io.ts'

const now = Date.UTC(2026, 0, 1)
const io = testIo({ columns: 200, now: () => now })
const activation = { id: 'act_1', url: 'https://old.example.test', providerId: '9', expiresAt: now + 86_400_000 }

function outcome(more: Partial<ActivationOutcome>): ActivationOutcome {
  const base = {
    app: 'forms',
    provider: 'typeform',
    tenant: 'acme',
    resource: null,
    means: null,
    why: null,
    todo: null,
    nextAt: null,
  }
  return { kind: 'made', ...base, activation: { ...activation, temporary: false } as StoredActivation, ...more }
}

test.each([
  [{}, 'made, ends in 24 h'],
  [{ kind: 'renewed', nextAt: now + 60_000 }, 'renewed, ends in 24 h'],
  [{ kind: 'found', why: 'it was made by hand' }, 'there already, ends in 24 h: it was made by hand'],
  [
    { kind: 'failed', activation: null, why: 'Typeform answered 503', nextAt: now + 30_000 },
    'failed: Typeform answered 503; again in 30 s',
  ],
  [{ kind: 'elsewhere' }, 'points at https://old.example.test'],
  [{ kind: 'gone', why: 'somebody\u001b[2J' }, 'gone: somebody·[2J'],
] as const)('%j is told in words', (more, words) => {
  expect(hookText(io, outcome(more))).toBe(words)
})

test('whose it is, what to do, and a mark that says whether it stands', () => {
  const [head, todo] = hookLines(io, outcome({ kind: 'elsewhere', resource: 'f1', todo: 'whs activate forms' }))
  expect(head).toBe('✗ acme at forms, form f1  points at https://old.example.test  act_1')
  expect(todo).toBe('    to do  whs activate forms')
  expect(hookLines(io, outcome({ kind: 'gone', tenant: null }), true)).toEqual(['✓ forms  removed  act_1'])
})

test('the record of one that was not made names nothing that is not there', () => {
  const failed = outcome({ kind: 'failed', activation: null, means: 'plan', why: 'no webhooks', resource: 'f1' })
  expect(hookRecord(io, failed)).toEqual({
    type: 'activation',
    at: '2026-01-01T00:00:00.000Z',
    app: 'forms',
    tenant: 'acme',
    id: null,
    state: 'failed',
    url: null,
    providerId: null,
    resource: 'f1',
    expiresAt: null,
    temporary: false,
    means: 'plan',
    why: 'no webhooks',
    nextAt: null,
    todo: null,
  })
})
