import type { Moment } from '../../core/activation-definition.ts'
import { exits, WhsError } from '../../core/errors.ts'
import type { Slots } from '../../core/fill-text.ts'
import { secretFlag } from '../../core/secret-flag.ts'
import { answerContext, type ItemContext, readValue } from '../../core/value.ts'
import type { Call } from '../../core/value-definition.ts'
import { type ApiPage, callPages } from '../api-call.ts'
import { secretsNamed } from '../credentials.ts'
import type { ActivationDeps } from './activation-deps.ts'
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
  const pages = await callAll(deps, place, single, slots)
  return pages.ok ? { ok: true, value: pages.value[0] as ItemContext } : pages
}

/** Makes a call of a hook, all pages of it. */
export async function callAll(
  deps: ActivationDeps,
  place: HookPlace,
  call: Call,
  slots: Slots,
): Promise<Called<ItemContext[]>> {
  const contexts: ItemContext[] = []
  try {
    checkToken(deps, place)
    const filled = { ...place.slots, ...(await secretSlotsOf(deps, place, call)), ...slots }
    for await (const page of callPages(deps, call, { hosts: place.hosts, slots: filled })) {
      if (page.verdict !== 'good') return { ok: false, failure: refusalOf(place, page, deps.now(), filled) }
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

/** A token that has ended makes no call: the provider's answer would say less. */
function checkToken({ now }: ActivationDeps, { connection, app, definition }: HookPlace): void {
  if (!connection) return
  const { state, access, accessExpiresAt, tenant, unreadable } = connection
  const hasEnded = accessExpiresAt !== null && accessExpiresAt <= now()
  if (state !== 'broken' && !hasEnded && (access !== null || definition.oauth.kind === 'callback')) return
  const why = hasEnded ? 'it ended' : unreadable ? 'it cannot be read' : 'the connection does not hold any more'
  throw new WhsError({
    code: 'no-token',
    exit: exits.consent,
    what: `there is no valid token of ${tenant} at ${app.name}`,
    why,
    next: `whs connect ${app.name} --tenant ${tenant}`,
  })
}

function tokenOr(error: WhsError): Failure {
  return error.code === 'no-token' ? { ...failureOf(error), means: 'token' } : failureOf(error)
}

/** The app's secrets that a call names. */
async function secretSlotsOf(deps: ActivationDeps, { app, definition }: HookPlace, call: Call): Promise<Slots> {
  const slots: Slots = {}
  for (const name of new Set(secretsNamed(call))) {
    const [newest] = await deps.secretsOf(app, name)
    if (!newest) throw noSecret(app.name, name, definition.secrets[name]?.label ?? `${name} secret`)
    slots[`secret.${name}`] = newest.value
  }
  return slots
}

function noSecret(app: string, name: string, label: string): WhsError {
  return new WhsError({
    code: `no-${name}-secret`,
    exit: exits.missing,
    what: `the ${label} of ${app} is not stored`,
    why: 'the call is made with it',
    next: `whs app set ${app} ${secretFlag(name)}`,
  })
}

/** A time in an answer, in ms; null where none is said. */
export function momentIn(context: ItemContext, moment: Moment | undefined): number | null {
  const text = moment && readValue(context, moment.at)?.text
  if (!moment || !text) return null
  const ms = moment.unit === 'iso' ? Date.parse(text) : Number(text) * (moment.unit === 's' ? 1000 : 1)
  return Number.isFinite(ms) && ms > 0 ? Math.round(ms) : null
}
