import { shellWord } from '../../core/shell-word.ts'
import type { StoredActivation } from '../../store/activation-ops.ts'
import type { ActivationOutcome } from './activation-outcome.ts'
import type { Failure } from './failure.ts'

type Whose = Pick<ActivationOutcome, 'app' | 'provider' | 'tenant' | 'resource'>

/** What went well with a hook. */
export function wellOutcome(
  kind: ActivationOutcome['kind'],
  activation: StoredActivation,
  more: Partial<Pick<ActivationOutcome, 'why' | 'todo'>> = {},
): ActivationOutcome {
  const { app, provider, tenant, resource, nextAt } = activation
  return { kind, app, provider, tenant, resource, activation, means: null, why: null, todo: null, nextAt, ...more }
}

/** What went wrong, and when it is tried again. `whose` where nothing is kept. */
export function failedOutcome(
  { means, why, todo }: Failure,
  hook: StoredActivation | Whose,
  more: Partial<ActivationOutcome> = {},
): ActivationOutcome {
  const { app, provider, tenant, resource } = hook
  const activation = 'seq' in hook ? hook : null
  const nextAt = activation?.nextAt ?? null
  return { kind: 'failed', app, provider, tenant, resource, activation, means, why, todo, nextAt, ...more }
}

/** The command that makes a hook (again), or removes it. */
export function activateCommand(
  { app, tenant, resource }: Omit<Whose, 'provider'>,
  verb: 'activate' | 'deactivate' = 'activate',
): string {
  return [
    `whs ${verb} ${app}`,
    ...(tenant === null ? [] : [`--tenant ${tenant}`]),
    ...(resource === null ? [] : [`--resource ${shellWord(resource)}`]),
  ].join(' ')
}
