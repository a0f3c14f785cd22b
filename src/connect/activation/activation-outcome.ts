import type { RefusalMeaning } from '../../core/activation-definition.ts'
import type { StoredActivation } from '../../store/activation-ops.ts'

/**
 * What became of a hook. `found`: it stood at the provider already; `elsewhere`: it points at another URL and only a
 * person can change that; `gone`: the provider does not have it any more; `failed`: nothing else is true of it.
 */
export interface ActivationOutcome {
  kind: 'made' | 'renewed' | 'moved' | 'gone' | 'failed' | 'elsewhere' | 'found'
  app: string
  provider: string
  tenant: string | null
  resource: string | null
  /** As it is now, or was last; null where nothing of it was kept. `pending`: it is tried again. */
  activation: StoredActivation | null
  /** Why it is not made, renewed or removed; null where all is well. */
  means: FailureMeaning | null
  why: string | null
  /** What a person can do, as a sentence or a command. */
  todo: string | null
  /** When it is tried again by a listener. */
  nextAt: number | null
}

/**
 * A refusal, or: `busy`, the provider failed or did not answer; `refused`, for another reason; `config`, we lack something;
 * `interrupted`, the person at the terminal ended it.
 */
export type FailureMeaning = RefusalMeaning | 'busy' | 'refused' | 'config' | 'interrupted'

/** What a hook is at the provider, against today's URL. `unknown`: the provider cannot be asked, or did not answer. */
export interface Drift {
  activation: StoredActivation
  state: 'well' | 'elsewhere' | 'gone' | 'unknown'
  /** Where it points, without its key; null where that is not known. */
  url: string | null
  why: string | null
}
