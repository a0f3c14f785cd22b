import type { Environment, ProviderDefinition } from '../core/definition.ts'
import type { StoredActivation } from '../store/activation-ops.ts'
import type { AppFacts } from './app-facts.ts'

export type SetupStepName = 'keys' | 'redirect' | 'callback' | 'events' | 'secret' | 'consent' | 'hooks' | 'delivery'

/** One step on the way from nothing to the first verified event, in the provider's own words. */
export interface SetupStep {
  name: SetupStepName
  title: string
  /** Where in the portal. */
  where: string | null
  /** What goes into which field; a null value is not known yet. */
  fields: { label: string; value: string | null }[]
  /** What else there is to do, one sentence each. */
  notes: string[]
  /** The command that does it, or that makes known what is not. */
  command: string | null
  done: boolean
  /** Where it is done: what shows again what came of it. */
  again: string | null
}

/** What the steps are made from. */
export interface SetupFacts {
  definition: ProviderDefinition
  /** The app's name, also where it is not stored yet. */
  name: string
  env: Environment
  facts: AppFacts | null
  /** Where deliveries and consents reach us; null where that is not known yet. */
  callback: string | null
  redirect: string | null
}

/** How far an app has come. */
export interface Reached {
  isConnected: boolean
  /** The provider has sent something that verified, be it a test of the URL alone. */
  isReached: boolean
  /** Something of a tenant, or of an account that nobody owns yet, came and verified. */
  hasDelivered: boolean
  hooks: StoredActivation[]
}

/** A step with nothing in it but what is said. */
export function step(one: Partial<SetupStep> & Pick<SetupStep, 'name' | 'title' | 'done'>): SetupStep {
  return { where: null, fields: [], notes: [], command: null, again: null, ...one }
}
