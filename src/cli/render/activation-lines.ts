import type { MadeActivation } from '../../app/activations.ts'
import type { ProviderDefinition } from '../../core/definition.ts'
import { hookSecret } from '../../core/hook-secret.ts'
import { shellWord } from '../../core/shell-word.ts'
import { countText, durationText, safeText } from '../../core/text.ts'
import type { StoredActivation } from '../../store/activation-ops.ts'
import type { Io } from '../io.ts'
import { accountWord, definitionOf, resourceName } from './account-word.ts'
import { alignRows } from './align.ts'
import { command } from './command.ts'
import { moment } from './event-row.ts'
import { makePaint } from './paint.ts'
import { recheckedLines } from './rechecked-lines.ts'
import { iso } from './records.ts'
import { wrap } from './wrap.ts'

/** How an activation stands: `elsewhere` where it points at another URL than today's, `failed` where an API's call did. */
type ActivationState = 'made' | 'pending' | 'gone' | 'elsewhere' | 'failed'

function stateOf({ state, url, why }: StoredActivation, callback: string | null): ActivationState {
  if (state === 'gone') return 'gone'
  if (state === 'active' && url !== null && callback !== null && url !== callback) return 'elsewhere'
  if (why !== null) return 'failed'
  return state === 'active' ? 'made' : state
}

/** The `activation` record. `callback` is where the app is reached now; `shown` the URL with its key, at its making alone. */
export function activationRecord(
  io: Io,
  activation: StoredActivation,
  { callback, shown, todo }: { callback: string | null; shown?: string | null; todo: string | null },
): object {
  const { id, app, tenant, providerId, resource, keyed, url, secrets, createdAt, expiresAt, lastAt } = activation
  const { madeBy, temporary, why, nextAt } = activation
  return {
    type: 'activation',
    at: iso(io.now()),
    app,
    tenant,
    id,
    state: stateOf(activation, callback),
    url: shown ?? url,
    keyed,
    providerId,
    resource,
    secrets,
    createdAt: iso(createdAt),
    lastAt: lastAt === null ? null : iso(lastAt),
    expiresAt: expiresAt === null ? null : iso(expiresAt),
    madeBy,
    temporary,
    why,
    nextAt: nextAt === null ? null : iso(nextAt),
    todo,
  }
}

/** What is still to be done for an activation, in a line; null where nothing is. */
export function todoOf(io: Io, activation: StoredActivation, callback: string | null): string | null {
  const { id, provider, keyed, secrets, madeBy } = activation
  const state = stateOf(activation, callback)
  if (madeBy === 'api') return state === 'made' ? null : command(io, activateLine(activation))
  switch (state) {
    case 'elsewhere':
      return `change its URL at the provider to ${callback}${keyed ? '/<its key, which stays>' : ''}`
    case 'pending':
      return secrets.length > 0 || !takesSecret(provider)
        ? 'it waits for the first request of the provider'
        : `it waits for the provider, or for its secret: ${command(io, `whs activations confirm ${id} --secret -`)}`
    default:
      return null
  }
}

/** The command that makes a hook anew by the provider's API, or points it here. */
function activateLine({ app, tenant, resource }: StoredActivation): string {
  const words = [
    ...(tenant === null ? [] : ['--tenant', shellWord(tenant)]),
    ...(resource === null ? [] : ['--resource', shellWord(resource)]),
  ]
  return ['whs activate', app, ...words].join(' ')
}

function takesSecret(provider: string): boolean {
  const definition = definitionOf(provider)
  return definition !== undefined && hookSecret(definition) !== null
}

/** The lines of `activations list`: one a hook with straight columns, then where it sends and what is to be done for it. */
export function activationLines(io: Io, all: { activation: StoredActivation; callback: string | null }[]): string[] {
  const paint = makePaint(io.color)
  const heads = alignRows(all.map(({ activation, callback }) => headOf(io, activation, callback)))
  return all.flatMap(({ activation, callback }, index) => {
    const { url, keyed, why } = activation
    const todo = todoOf(io, activation, callback)
    return [
      wrap(heads[index] as string, io.columns, 8),
      ...(url === null ? [] : [`        ${paint.faint(`${url}${keyed ? '/<key>' : ''}`)}`]),
      ...(why === null
        ? []
        : [wrap(`        ${paint.warn('why')}    ${safeText(why)}${againText(io, activation)}`, io.columns, 15)]),
      ...(todo === null ? [] : [wrap(`        ${paint.warn('to do')}  ${todo}`, io.columns, 15)]),
    ]
  })
}

function headOf(io: Io, activation: StoredActivation, callback: string | null): string[] {
  const paint = makePaint(io.color)
  const { id, app, tenant, provider, kind, providerId, resource, expiresAt, lastAt } = activation
  const state = stateOf(activation, callback)
  const colour = state === 'made' ? paint.good : state === 'gone' ? paint.bad : paint.warn
  const named =
    providerId === null ? '' : `${kind === null ? 'id' : accountWord(provider, kind)} ${safeText(providerId)}`
  return [
    paint.strong(id.slice(-6)),
    app,
    tenant === null ? 'all tenants' : paint.tenant(safeText(tenant)),
    colour(state),
    [resource === null ? '' : resourceName(provider, resource), named].filter(Boolean).join(', ') || '-',
    [
      lastAt === null ? 'nothing came yet' : `last ${moment(lastAt, io.now())}`,
      ...(expiresAt === null ? [] : [endText(io, activation, expiresAt)]),
      ...(activation.temporary ? ['temporary'] : []),
    ].join(', '),
  ]
}

function endText(io: Io, { madeBy, nextAt, why }: StoredActivation, expiresAt: number): string {
  const left = expiresAt - io.now()
  if (left <= 0) return `ended ${durationText(-left)} ago`
  const renewed = madeBy === 'api' && nextAt !== null && why === null ? ` (renewed in ${inText(io, nextAt)})` : ''
  return `ends in ${durationText(left)}${renewed}`
}

function againText(io: Io, { nextAt }: StoredActivation): string {
  return nextAt === null ? '' : `; ${command(io, 'whs listen')} tries again in ${inText(io, nextAt)}`
}

function inText(io: Io, at: number): string {
  return durationText(Math.max(0, at - io.now()))
}

/** What `activations add` prints: the URL under the portal's own name, and what to do there, step by step. */
export function madeLines(io: Io, definition: ProviderDefinition, made: MadeActivation): string[] {
  const paint = makePaint(io.color)
  const { activation, callback, steps, released, isNewTenant } = made
  const tenant = activation.tenant === null ? null : paint.tenant(activation.tenant)
  const whose =
    tenant === null ? activation.app : `${tenant}${isNewTenant ? ' (a new tenant)' : ''} at ${activation.app}`
  const { label } = definition.portal.callbackUrl
  const atProvider = steps.length === 0 ? 'is made' : 'is known'
  const state = activation.state === 'pending' ? 'is expected' : atProvider
  const lines = [`${paint.good('✓')} a hook of ${whose} ${state}: ${activation.id}`]
  if (callback !== null) lines.push(`  ${label}:  ${paint.strong(callback)}`)
  if (activation.keyed)
    lines.push(paint.faint('  Its last part is a key. It is shown this once, and whoever has it can send.'))
  steps.forEach((step, index) =>
    lines.push(wrap(`  ${paint.strong(String(index + 1))}  ${command(io, step)}`, io.columns, 5)),
  )
  if (released.events > 0)
    lines.push(`  ${countText(released.events, 'parked event was', 'parked events were')} released`)
  lines.push(...recheckedLines(made.rechecked).map(line => `  ${line}`))
  return lines
}
