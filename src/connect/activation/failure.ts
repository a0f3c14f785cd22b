import type { ActivationApi, RefusalMeaning } from '../../core/activation-definition.ts'
import type { WhsError } from '../../core/errors.ts'
import { holds } from '../../core/holds.ts'
import { parseRetryAfter } from '../../core/retry.ts'
import { clip, safeText } from '../../core/text.ts'
import type { ItemContext } from '../../core/value.ts'
import type { ApiPage } from '../api-call.ts'
import { providersText } from '../said.ts'
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
  /** What was to be made may stand at the provider all the same. */
  mayStand?: true
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
export function refusalOf(place: HookPlace, page: ApiPage, now: number): Failure {
  const { status, context, answer, slots } = page
  const told = meaningTold(place.api, status, context)
  const means = told ?? byStatus[status] ?? (page.verdict === 'busy' ? 'busy' : 'refused')
  const said = providersText(context, answer.body, slots)
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

/** A call that was not made, or has no answer. */
export function failureOf(error: WhsError): Failure {
  const isBusy = error.code === 'unreachable' || error.code === 'token-endpoint'
  const isEnded = error.code === 'interrupted'
  const why = [error.message, error.why].filter(Boolean).join(': ')
  const base = { why: clip(safeText(why), 300), todo: isBusy ? null : (error.next ?? null), afterMs: null }
  const means = isBusy ? 'busy' : isEnded ? 'interrupted' : 'config'
  return { ...base, means, isPassing: isBusy || isEnded }
}

/** Where nobody at the terminal waits for the answer any more. */
export function interrupted({ definition }: Pick<HookPlace, 'definition'>, verb: 'made' | 'removed'): Partial<Failure> {
  return { why: `interrupted; nobody heard whether ${definition.company} ${verb} it` }
}

export function refused(why: string, more: Partial<Failure> = {}): Failure {
  return { means: 'refused', why, todo: null, isPassing: false, afterMs: null, ...more }
}
