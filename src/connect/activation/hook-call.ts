import type { ActivationApi, Moment } from '../../core/activation-definition.ts'
import { WhsError } from '../../core/errors.ts'
import type { Slots } from '../../core/fill-text.ts'
import { answerContext, type ItemContext, readValue } from '../../core/value.ts'
import type { Call } from '../../core/value-definition.ts'
import { type ApiPage, callPages } from '../api-call.ts'
import { secretSlotsOf } from '../call-place.ts'
import { tenantAsk } from '../tenant-ask.ts'
import type { ActivationDeps, HookStep } from './activation-deps.ts'
import { type Failure, failureOf, refusalOf } from './failure.ts'
import type { HookPlace } from './hook-place.ts'

export type Called<T> = { ok: true; value: T } | { ok: false; failure: Failure }

/** Makes one call of a hook. An answer without a body reads as an empty object. Never throws of the provider. */
export async function callHook(
  deps: ActivationDeps,
  place: HookPlace,
  call: Call,
  slots: Slots,
): Promise<Called<ItemContext>> {
  const { page: _one, ...single } = call
  const pages = await callEach(deps, place, single, slots, stepOf(place.api, call))
  return pages.ok ? { ok: true, value: pages.value[0] as ItemContext } : pages
}

/** Makes a call of a hook, all pages of it. */
export async function callAll(
  deps: ActivationDeps,
  place: HookPlace,
  call: Call,
  slots: Slots,
): Promise<Called<ItemContext[]>> {
  return callEach(deps, place, call, slots, stepOf(place.api, call))
}

/** Which of the calls of an API it is. */
function stepOf({ resources, create, made, renew, move, remove }: ActivationApi, call: Call): HookStep {
  if (call === create) return 'create'
  if (call === remove) return 'remove'
  if (call === move) return 'move'
  if (call === made.secretBy?.call) return 'secret'
  if (typeof renew === 'object' && call === renew.call) return 'renew'
  return resources && 'call' in resources && call === resources.call ? 'resources' : 'list'
}

async function callEach(
  deps: ActivationDeps,
  place: HookPlace,
  call: Call,
  slots: Slots,
  step: HookStep,
): Promise<Called<ItemContext[]>> {
  const { company, id: provider } = place.definition
  const contexts: ItemContext[] = []
  try {
    const filled = { ...place.slots, ...(await secretSlotsOf(deps, place, call)), ...slots }
    const whose = { tenant: place.connection?.tenant ?? null, resource: slots.resource ?? null }
    deps.onCall?.({ company, step, provider, ...whose })
    const { connection } = place
    // Whoever cares for hooks knows when to ask again.
    const ask = connection ? tenantAsk(deps, { ...place, connection }, call, { patienceMs: 0 }) : undefined
    for await (const page of callPages(deps, call, { hosts: place.hosts, slots: filled }, ask)) {
      if (page.verdict !== 'good') return { ok: false, failure: refusalOf(place, page, deps.now()) }
      contexts.push(contextOf(page))
    }
  } catch (error) {
    if (error instanceof WhsError) return { ok: false, failure: tokenOr(error) }
    throw error
  }
  return { ok: true, value: contexts }
}

function contextOf({ context, answer }: ApiPage): ItemContext {
  const body = context ?? answerContext(Buffer.from('{}'))
  return { ...(body as ItemContext), headers: Object.entries(answer.headers).flat() }
}

function tokenOr(error: WhsError): Failure {
  return error.code === 'connection-broken' ? { ...failureOf(error), means: 'token' } : failureOf(error)
}

/** A time in an answer, in ms; null where none is said. */
export function momentIn(context: ItemContext, moment: Moment | undefined): number | null {
  const text = moment && readValue(context, moment.at)?.text
  if (!moment || !text) return null
  const ms = moment.unit === 'iso' ? Date.parse(text) : Number(text) * (moment.unit === 's' ? 1000 : 1)
  return Number.isFinite(ms) && ms > 0 ? Math.round(ms) : null
}
