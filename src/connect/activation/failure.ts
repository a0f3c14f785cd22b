import type { Buffer } from 'node:buffer'
import type { ActivationApi, RefusalMeaning } from '../../core/activation-definition.ts'
import { isActivationKey } from '../../core/activation-key.ts'
import type { WhsError } from '../../core/errors.ts'
import type { Slots } from '../../core/fill-text.ts'
import { holds } from '../../core/holds.ts'
import { parseRetryAfter } from '../../core/retry.ts'
import { clip, safeText } from '../../core/text.ts'
import { type ItemContext, readValue } from '../../core/value.ts'
import type { ApiPage } from '../api-call.ts'
import type { FailureMeaning } from './activation-outcome.ts'
import type { HookPlace } from './hook-place.ts'

/** Why a call of a hook did not succeed. */
export interface Failure {
  means: FailureMeaning
  why: string
  /** What mends it; null where that is said by what was tried. */
  todo: string | null
  /** It may succeed later, by itself. */
  isPassing: boolean
  /** After how long the provider wants to be asked again, in ms. */
  afterMs: number | null
}

const byStatus: Record<number, RefusalMeaning> = {
  401: 'token',
  402: 'plan',
  403: 'scope',
  404: 'gone',
  409: 'taken',
  410: 'gone',
  429: 'quota',
}

/** What an answer that is not good means: what the definition says of it, else what its status does. */
export function refusalOf(place: HookPlace, page: ApiPage, now: number, filled: Slots): Failure {
  const { status, context, answer } = page
  const told = meaningTold(place.api, status, context)
  const means = told ?? byStatus[status] ?? (page.verdict === 'busy' ? 'busy' : 'refused')
  const said = providersText(context, answer.body, filled)
  const wanted = parseRetryAfter(answer.headers['retry-after'], now)
  const afterMs = wanted === undefined ? null : Math.min(wanted, day)
  const isPassing =
    means === 'busy' || means === 'unreachable' || (means === 'quota' && (status === 429 || afterMs !== null))
  const why = `${place.definition.company} answered ${status}${said === '' ? '' : `: ${said}`}${scopesLacked(place, means)}`
  return { means, why, todo: mending(place, means), isPassing, afterMs }
}

function meaningTold({ refusals = [] }: ActivationApi, status: number, context: ItemContext | undefined) {
  return refusals.find(one => {
    if (![one.status].flat().includes(status)) return false
    return one.when === undefined || (context !== undefined && holds(context, one.when))
  })?.means
}

/** What a person does about it; the rest mends itself, or the provider's own words say it. */
function mending({ app, connection, definition }: HookPlace, means: FailureMeaning): string | null {
  if (means === 'token' || means === 'scope') {
    if (connection) return `whs connect ${app.name} --tenant ${connection.tenant}`
    return `whs app set ${app.name}   (see ${definition.docs.portal})`
  }
  return means === 'plan' ? `a plan of ${definition.name} that allows webhooks` : null
}

/** The scopes without which it is refused and which the connection lacks. */
function scopesLacked({ api, connection }: HookPlace, means: FailureMeaning): string {
  if (means !== 'scope' || !connection || connection.scopes === '') return ''
  const granted = connection.scopes.split(/[\s,]+/)
  const lacked = (api.scopes ?? []).filter(scope => !granted.includes(scope))
  return lacked.length === 0 ? '' : `; the connection lacks ${lacked.join(', ')}`
}

const day = 86_400_000

const places = [
  '$.error.message',
  '$.error_description',
  '$.message',
  '$.detail',
  '$.description',
  '$.errors[0].message',
  '$.errors[0].detail',
  '$.error.description',
  '$.error',
  '$.title',
  '$.errors[0]',
]

/** What the provider says, safe to show, without what it may repeat of our secrets. */
function providersText(context: ItemContext | undefined, body: Buffer, filled: Slots): string {
  const found = places.map(path => context && readValue(context, path)?.text).find(Boolean)
  const isPage = /^\s*</.test(body.toString('utf8', 0, 40))
  let text = found ?? (isPage ? '' : body.toString('utf8', 0, 4096).trim())
  for (const secret of secretsIn(filled)) text = text.replaceAll(secret, '***')
  return clip(safeText(text), 200)
}

function secretsIn(filled: Slots): string[] {
  const named = Object.entries(filled).filter(([name]) => /^(token|refreshToken|secret.*)$/.test(name))
  const key = (filled.callback ?? '').split('/').at(-1) ?? ''
  const values = named.map(([, value]) => value).filter(value => value.length >= 6)
  return isActivationKey(key) ? [...values, key] : values
}

/** A call that was not made, or has no answer. */
export function failureOf(error: WhsError): Failure {
  const isBusy = error.code === 'unreachable'
  const why = [error.message, error.why].filter(Boolean).join(': ')
  const base = { why: clip(safeText(why), 300), todo: isBusy ? null : (error.next ?? null), afterMs: null }
  return { ...base, means: isBusy ? 'busy' : 'config', isPassing: isBusy }
}

export function refused(why: string, more: Partial<Failure> = {}): Failure {
  return { means: 'refused', why, todo: null, isPassing: false, afterMs: null, ...more }
}
