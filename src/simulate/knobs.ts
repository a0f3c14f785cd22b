import { exits, WhsError } from '../core/errors.ts'
import { parseDuration } from '../core/filter.ts'
import type { Hooks } from './hooks.ts'

/** The calls of an activation API. */
const activationCalls = ['resources', 'list', 'create', 'secret', 'renew', 'move', 'remove'] as const
export type ActivationCall = (typeof activationCalls)[number]

/** What a test or a person has set to go wrong with hooks. */
export interface Knobs {
  /** What the next calls are answered, in order. */
  failures: Failure[]
  /** The most hooks that a company (or an app, where they are its own) may have; null: any number. */
  quota: number | null
}

export interface Failure {
  /** Null: whichever comes. */
  call: ActivationCall | null
  status: number
  headers: Record<string, string>
  /** A text as it is, or JSON. */
  body: unknown
}

/** The failure that a call meets, which is then over. */
export function takeFailure({ failures }: Knobs, call: ActivationCall): Failure | undefined {
  const at = failures.findIndex(one => one.call === null || one.call === call)
  return at < 0 ? undefined : failures.splice(at, 1)[0]
}

/**
 * Sets what is named of `fail` (`status`, and `body`, `headers`, `call`, `times`), `quota` (a number, or null), `remove` (a
 * hook's id), and `clock` (`+7d`: as if that had gone by for the hooks that stand).
 * @throws WhsError `bad-knob` (exit 2)
 */
export function turnKnobs({ knobs, hooks }: { knobs: Knobs; hooks: Hooks }, wish: unknown): Knobs {
  const { fail, quota, remove, clock, ...odd } = objectOf(wish, 'it must be a JSON object')
  const [unknown] = Object.keys(odd)
  if (unknown) throw refused(`${unknown} is no knob; there are fail, quota, remove, clock`)
  const failures = fail === undefined ? [] : failuresOf(fail)
  if (quota !== undefined && quota !== null && !isCount(quota)) throw refused('quota must be a whole number, or null')
  if (clock !== undefined && typeof clock !== 'string') throw refused('clock must be a text such as +7d')
  const ms = clock === undefined ? 0 : parseDuration(clock.replace(/^\+/, ''), 'clock')
  if (remove !== undefined && (typeof remove !== 'string' || !hooks.remove(remove))) {
    throw refused(`there is no hook ${JSON.stringify(remove)}`)
  }
  knobs.failures.push(...failures)
  if (quota !== undefined) knobs.quota = quota
  hooks.age(ms)
  return knobs
}

function failuresOf(wish: unknown): Failure[] {
  const { call = null, status, headers = {}, body = '', times = 1, ...odd } = objectOf(wish, 'fail must be an object')
  const [unknown] = Object.keys(odd)
  if (unknown) throw refused(`${unknown} is no part of fail; there are call, status, headers, body, times`)
  if (call !== null && !activationCalls.includes(call as ActivationCall)) {
    throw refused(`call must be one of ${activationCalls.join(', ')}`)
  }
  if (!isCount(status) || status < 200 || status > 599) throw refused('status must be from 200 to 599')
  if (!isCount(times)) throw refused('times must be a whole number')
  const named = objectOf(headers, 'headers must be an object of texts')
  if (Object.values(named).some(text => typeof text !== 'string')) throw refused('headers must be an object of texts')
  const failure = { call: call as ActivationCall | null, status, headers: named as Record<string, string>, body }
  return Array.from({ length: times }, () => failure)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function objectOf(value: unknown, why: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused(why)
  return value as Record<string, unknown>
}

function refused(why: string): WhsError {
  return new WhsError({ code: 'bad-knob', exit: exits.usage, what: 'the simulator has no such knob', why })
}
