import { expect, test } from 'vitest'
import { makeFifo } from '../../src/deliver/fifo.ts'
import { nextStep, type Tried } from '../../src/deliver/next-step.ts'
import { startRetryTimer } from '../../src/deliver/retry-timer.ts'
import { makeSchedule } from '../../src/deliver/schedule.ts'
import { handClock } from '../helpers/hand-clock.ts'

const tried: Tried = {
  class: 'done',
  tries: 1,
  busy: 0,
  firstTryAt: 0,
  now: 0,
  retryAfterMs: undefined,
  random: 0.5,
}

test('a queue gives back in order what it was given, and what was put in front first', () => {
  const fifo = makeFifo<number>()
  const taken: (number | undefined)[] = []
  for (let number = 0; number < 5_000; number++) {
    fifo.push(number)
    if (number % 3 === 2) taken.push(fifo.shift())
  }
  fifo.unshift(taken.pop() as number)
  while (fifo.length > 0) taken.push(fifo.shift())
  expect(taken).toEqual(Array.from({ length: 5_000 }, (_, index) => index))
  expect(fifo.shift()).toBeUndefined()
})

test('a schedule gives out the soonest first, equal ones by seq, and nothing too early', () => {
  const schedule = makeSchedule<string>()
  const due = Array.from({ length: 500 }, (_, index) => (index * 7919) % 101)
  for (const [seq, at] of due.entries()) schedule.add(at, seq, `owner ${seq}`)
  const early = [...due.keys()].filter(seq => (due[seq] as number) <= 50)
  const order = early.sort((left, right) => (due[left] as number) - (due[right] as number) || left - right)
  expect(order.map(() => schedule.take(50))).toEqual(order.map(seq => ({ seq, owner: `owner ${seq}` })))
  expect(schedule.take(50)).toBeUndefined()
  expect(schedule.next()).toBe(51)
})

test('busy answers make the lane wait three times, as long as it was asked; then it counts as bad', () => {
  const waits = [0, 1, 2].map(busy => nextStep({ ...tried, class: 'busy', tries: busy + 1, busy }).laneWaitsMs)
  expect(waits).toEqual([1_000, 5_000, 15_000])
  expect(nextStep({ ...tried, class: 'busy', retryAfterMs: 90_000 })).toMatchObject({
    laneWaitsMs: 90_000,
    nextAt: 90_000,
  })
  const fourth = nextStep({ ...tried, class: 'busy', tries: 4, busy: 3 })
  expect(fourth).toEqual({ state: 'open', busy: -3, nextAt: 5_000, laneWaitsMs: null })
  expect(nextStep({ ...tried, class: 'busy', tries: 5, busy: fourth.busy })).toMatchObject({ nextAt: 30_000 })
})

test('bad answers follow the schedule whatever was busy before, until a day has passed', () => {
  const pauses: number[] = []
  let step = nextStep({ ...tried, class: 'busy' })
  let now = 0
  for (let tries = 2; step.state === 'open' && tries < 60; tries++) {
    now = step.nextAt as number
    step = nextStep({ ...tried, class: 'bad', tries, busy: step.busy, now })
    if (step.nextAt !== null) pauses.push(step.nextAt - now)
  }
  const hour = 3_600_000
  expect(pauses.slice(0, 7)).toEqual([5_000, 30_000, 120_000, 600_000, 1_800_000, hour, hour])
  expect(step).toMatchObject({ state: 'failed', nextAt: null, laneWaitsMs: null })
  expect(now).toBeGreaterThan(23 * hour)
  expect(now).toBeLessThanOrEqual(24 * hour)
})

test('a retry is due by the monotonic clock; sleep counts, a clock that is put back does not matter', () => {
  const clock = handClock()
  const due: number[] = []
  let jumps = 0
  const timer = startRetryTimer<string>({ clock, onDue: (_, seq) => due.push(seq), onJump: () => jumps++ })
  timer.plan('lane', 1, 5_000)
  timer.plan('lane', 2, 3_600_000)
  timer.plan('lane', 3, 500 * 86_400_000)
  clock.advance(4_999)
  expect(due).toEqual([])
  clock.jump(-7_200_000)
  clock.advance(1)
  expect(due).toEqual([1])
  clock.advance(30_000)
  expect(due).toEqual([1, 3])
  clock.jump(3_600_000)
  clock.advance(15_000)
  expect(due).toEqual([1, 3, 2])
  expect(jumps).toBe(1)
  timer.plan('lane', 4, 10)
  timer.stop()
  clock.advance(1_000)
  expect(due).toEqual([1, 3, 2])
})
