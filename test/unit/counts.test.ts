import { expect, test } from 'vitest'
import { makeCounter } from '../../src/app/counts.ts'
import type { Fact } from '../../src/app/facts.ts'

function attempt(more: object): Fact {
  const rest = { number: 1, replay: false, status: 200, nextAt: null, tenant: 'acme' }
  return { kind: 'attempt', attempt: { eventIds: ['evt_1'], ...rest, ...more } } as unknown as Fact
}

function countsOf(...facts: Fact[]): object {
  const counter = makeCounter()
  for (const fact of facts) counter.count(fact)
  return counter.counts(0)
}

test('an event that was answered at its second try counts as tried again, one that a person sent again does not', () => {
  expect(countsOf(attempt({ status: 500, nextAt: 1 }), attempt({ number: 2 }))).toMatchObject({
    answered: 1,
    retried: 1,
  })
  expect(countsOf(attempt({}), attempt({ number: 2, replay: true }))).toMatchObject({ answered: 1, retried: 0 })
})

test('a replay that fails takes nothing from what was answered', () => {
  expect(countsOf(attempt({}), attempt({ number: 2, replay: true, status: 500 }))).toMatchObject({ failed: 0 })
  expect(countsOf(attempt({ status: 400 }))).toMatchObject({ failed: 1 })
})

test('a tenant who claimed what was parked is one of the tenants', () => {
  expect(countsOf(attempt({}), attempt({ tenant: 'initech' }))).toMatchObject({ tenants: 2 })
})
