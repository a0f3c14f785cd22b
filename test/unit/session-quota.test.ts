import { expect, test } from 'vitest'
import type { Fact } from '../../src/app/facts.ts'
import { makeQuota } from '../../src/app/session-quota.ts'

const target = 'http://127.0.0.1:3000/hooks'

function event(id: string, forward?: number, more: object = {}): Fact {
  const forwards = forward === undefined ? [] : [{ seq: forward, target, state: 'open', tries: 0 }]
  return {
    kind: 'event',
    item: null,
    event: { id, repeatOf: null, forwards: JSON.stringify(forwards), ...more },
  } as Fact
}
const attempt = (forwardSeq: number, ...eventIds: string[]): Fact =>
  ({ kind: 'attempt', attempt: { forwardSeq, eventIds } }) as unknown as Fact
const held: Fact = { kind: 'held', target: 'http://127.0.0.1:3000', why: 'nothing listens', count: 1 }

async function isMet(quota: ReturnType<typeof makeQuota>): Promise<boolean> {
  return Promise.race([quota.met.then(() => true), Promise.resolve().then(() => false)])
}

test('met once all have come and each was tried', async () => {
  const quota = makeQuota(2)
  expect(quota.takes(event('a', 1))).toBe(true)
  expect(quota.takes(event('b', 2))).toBe(true)
  expect(await isMet(quota)).toBe(false)
  quota.takes(attempt(1, 'a'))
  expect(await isMet(quota)).toBe(false)
  quota.takes(attempt(2, 'b'))
  expect(await isMet(quota)).toBe(true)
  expect(quota.count()).toBe(2)
})

test('events behind the last one, and their answers, are not told; all else is', () => {
  const quota = makeQuota(1)
  quota.takes(event('a', 1))
  expect(quota.takes(event('b', 2))).toBe(false)
  expect(quota.takes(attempt(2, 'b'))).toBe(false)
  expect(quota.takes(attempt(1, 'a'))).toBe(true)
  expect(quota.takes({ kind: 'warning', code: 'x', detail: 'y' })).toBe(true)
})

test('what goes nowhere, and what goes where nobody is, is not waited for', async () => {
  const nowhere = makeQuota(1)
  nowhere.takes(event('a'))
  expect(await isMet(nowhere)).toBe(true)
  const absent = makeQuota(1)
  absent.takes(held)
  absent.takes(event('a', 1))
  expect(await isMet(absent)).toBe(true)
  const back = makeQuota(1)
  back.takes(held)
  back.takes({ kind: 'resumed', target: 'http://127.0.0.1:3000', count: 1, ms: 1 })
  back.takes(event('a', 1))
  expect(await isMet(back)).toBe(false)
})

test('a folded repeat is told and not counted', () => {
  const quota = makeQuota(1)
  expect(quota.takes(event('a', undefined, { repeatOf: 'older' }))).toBe(true)
  expect(quota.count()).toBe(0)
})
