import { exits, WhsError } from '../core/errors.ts'
import { parseDuration } from '../core/filter.ts'
import type { Apps } from './apps.ts'
import { type Company, findCompany } from './companies.ts'
import type { Grants } from './grants.ts'
import type { Hooks } from './hooks.ts'

/** The calls of an activation API. */
const activationCalls = ['resources', 'list', 'create', 'secret', 'renew', 'move', 'remove'] as const
export type ActivationCall = (typeof activationCalls)[number]
/** Those, the token endpoint, and every other call of the API. */
const failingCalls = [...activationCalls, 'token', 'api'] as const
export type FailingCall = (typeof failingCalls)[number]

/** What a test or a person has set to go wrong. */
export interface Knobs {
  /** What the next calls are answered, in order. */
  failures: Failure[]
  /** The most hooks that a company (or an app, where they are its own) may have; null: any number. */
  quota: number | null
}

export interface Failure {
  /** Null: whichever comes of those that are about hooks. */
  call: FailingCall | null
  status: number
  headers: Record<string, string>
  /** A text as it is, or JSON. */
  body: unknown
}

/** What knobs turn. */
export interface Turned {
  knobs: Knobs
  hooks: Hooks
  grants: Grants
  apps: Apps
  companies: Company[]
}

/** The failure that a call meets, which is then over. */
export function takeFailure({ failures }: Knobs, call: FailingCall): Failure | undefined {
  const isOfHooks = (activationCalls as readonly string[]).includes(call)
  const at = failures.findIndex(one => one.call === call || (one.call === null && isOfHooks))
  return at < 0 ? undefined : failures.splice(at, 1)[0]
}

/**
 * Sets what is named of `fail` (`status`, and `body`, `headers`, `call`, `times`), `quota` (a number, or null), `remove` (a
 * hook's id), `clock` (`+7d`: as if that had gone by for the hooks that stand), `tokens` (the same for the
 * tokens that were given), `rotation` (`strict`: a refresh token is dead once a newer one was given; `lenient`: it lives
 * for a day longer), `revoke` (a company takes its consents back; only a call that says so is made, where there is one), and
 * `rename` (`company`, `kind`, `value`: an account of a company is called otherwise from now on, as a site that moves).
 * @throws WhsError `bad-knob` (exit 2)
 */
export function turnKnobs({ knobs, hooks, grants, apps, companies }: Turned, wish: unknown): Knobs {
  const { fail, quota, remove, clock, tokens, rotation, revoke, rename, ...odd } = objectOf(
    wish,
    'it must be a JSON object',
  )
  const [unknown] = Object.keys(odd)
  if (unknown)
    throw refused(`${unknown} is no knob; there are fail, quota, remove, clock, tokens, rotation, revoke, rename`)
  const failures = fail === undefined ? [] : failuresOf(fail)
  if (quota !== undefined && quota !== null && !isCount(quota)) throw refused('quota must be a whole number, or null')
  if (rotation !== undefined && rotation !== 'strict' && rotation !== 'lenient') {
    throw refused('rotation must be strict or lenient')
  }
  const left = typeof revoke === 'string' ? findCompany(companies, revoke) : undefined
  if (revoke !== undefined && !left) throw refused(`there is no company ${JSON.stringify(revoke)}`)
  const [hooksMs, tokensMs] = [goneBy('clock', clock), goneBy('tokens', tokens)]
  if (remove !== undefined && (typeof remove !== 'string' || !hooks.remove(remove))) {
    throw refused(`there is no hook ${JSON.stringify(remove)}`)
  }
  if (rename !== undefined) renameAccount(companies, rename)
  knobs.failures.push(...failures)
  if (quota !== undefined) knobs.quota = quota
  hooks.age(hooksMs)
  grants.age(tokensMs)
  if (left) for (const { clientId } of apps.list()) grants.revokeCompanies(clientId, [left])
  if (rotation !== undefined) grants.setStrict(rotation === 'strict')
  return knobs
}

function renameAccount(companies: Company[], wish: unknown): void {
  const { company, kind, value } = objectOf(wish, 'rename must be an object')
  const found = typeof company === 'string' ? findCompany(companies, company) : undefined
  if (!found) throw refused(`there is no company ${JSON.stringify(company)}`)
  if (typeof kind !== 'string' || found.values[kind] === undefined || typeof value !== 'string' || value === '') {
    throw refused(`kind must be one of ${Object.keys(found.values).join(', ')}, and value a text`)
  }
  found.values[kind] = value
}

function goneBy(name: string, text: unknown): number {
  if (text === undefined) return 0
  if (typeof text !== 'string') throw refused(`${name} must be a text such as +7d`)
  return parseDuration(text.replace(/^\+/, ''), name)
}

function failuresOf(wish: unknown): Failure[] {
  const { call = null, status, headers = {}, body = '', times = 1, ...odd } = objectOf(wish, 'fail must be an object')
  const [unknown] = Object.keys(odd)
  if (unknown) throw refused(`${unknown} is no part of fail; there are call, status, headers, body, times`)
  if (call !== null && !failingCalls.includes(call as FailingCall)) {
    throw refused(`call must be one of ${failingCalls.join(', ')}`)
  }
  if (!isCount(status) || status < 200 || status > 599) throw refused('status must be from 200 to 599')
  if (!isCount(times)) throw refused('times must be a whole number')
  const named = objectOf(headers, 'headers must be an object of texts')
  if (Object.values(named).some(text => typeof text !== 'string')) throw refused('headers must be an object of texts')
  const failure = { call: call as FailingCall | null, status, headers: named as Record<string, string>, body }
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
