import type { ActivationOutcome } from '../../connect/activation/activation-outcome.ts'
import { durationText, safeText } from '../../core/text.ts'
import type { Io } from '../io.ts'
import { resourceName } from './account-word.ts'
import { command } from './command.ts'
import { makePaint } from './paint.ts'
import { iso } from './records.ts'
import { wrap } from './wrap.ts'

/** The `activation` record of what became of a hook. */
export function hookRecord(io: Io, outcome: ActivationOutcome): object {
  const { kind: state, app, tenant, resource, activation, means, why, todo, nextAt } = outcome
  const expiresAt = activation?.expiresAt ?? null
  return {
    type: 'activation',
    at: iso(io.now()),
    app,
    tenant,
    id: activation?.id ?? null,
    state,
    url: activation?.url ?? null,
    providerId: activation?.providerId ?? null,
    resource,
    expiresAt: expiresAt === null ? null : iso(expiresAt),
    temporary: activation?.temporary ?? false,
    means,
    why,
    nextAt: nextAt === null ? null : iso(nextAt),
    todo: todo === null ? null : command(io, todo),
  }
}

/** What `deactivate` calls gone was asked for; anywhere else somebody else took it away. */
export function isWell({ kind }: ActivationOutcome): boolean {
  return kind !== 'failed' && kind !== 'gone' && kind !== 'elsewhere'
}

/** What became of a hook, without whose it is: `made, ends in 7 days`, `failed: …, again in 5 min`. */
export function hookText(io: Io, outcome: ActivationOutcome): string {
  const { kind, activation, why, nextAt } = outcome
  const said = {
    made: 'made',
    renewed: 'renewed',
    moved: 'moved here',
    found: 'there already',
    gone: 'gone',
    failed: 'failed',
    elsewhere: `points at ${safeText(activation?.url ?? 'another URL')}`,
  }[kind]
  const ends = activation?.expiresAt ?? null
  const end = ends === null || !isWell(outcome) ? '' : `, ends in ${durationText(Math.max(0, ends - io.now()))}`
  const because = why === null ? '' : `: ${safeText(why)}`
  const again = nextAt === null || isWell(outcome) ? '' : `; again in ${durationText(Math.max(0, nextAt - io.now()))}`
  return `${said}${end}${because}${again}`
}

/** Whose hook an outcome is of: `acme at typeform, form lT4Z3j`. */
export function hookName({ app, provider, tenant, resource }: ActivationOutcome): string {
  const whose = tenant === null ? app : `${safeText(tenant)} at ${app}`
  return resource === null ? whose : `${whose}, ${resourceName(provider, resource)}`
}

/** The lines for one hook; `isWanted` where it was meant to go. */
export function hookLines(io: Io, outcome: ActivationOutcome, isWanted = false): string[] {
  const paint = makePaint(io.color)
  const isGood = isWell(outcome) || (isWanted && outcome.kind === 'gone')
  const mark = isGood ? paint.good('✓') : paint.bad('✗')
  const said = isWanted && outcome.kind === 'gone' ? 'removed' : hookText(io, outcome)
  const id = outcome.activation === null ? '' : `  ${paint.faint(outcome.activation.id)}`
  const lines = [wrap(`${mark} ${paint.tenant(hookName(outcome))}  ${said}${id}`, io.columns, 4)]
  if (outcome.todo !== null)
    lines.push(wrap(`    ${paint.warn('to do')}  ${command(io, outcome.todo)}`, io.columns, 11))
  return lines
}
