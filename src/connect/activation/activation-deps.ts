import type { ConsentDeps } from '../consent.ts'

/** What hooks by API need of the world; `consentDeps` of the app gives it. */
export type ActivationDeps = Pick<
  ConsentDeps,
  'store' | 'http' | 'definitionOf' | 'secretsOf' | 'clientIdOf' | 'settingsOf' | 'now' | 'randomBytes'
> & {
  /** Told of each call just before it is made. */
  onCall?(call: HookCall): void
}

/** A call about hooks that the provider is about to be asked. */
export interface HookCall {
  /** Whom. */
  company: string
  step: HookStep
  provider: string
  tenant: string | null
  resource: string | null
}
/** What a call does: lists what hooks can be for, lists those that stand, makes one, asks for its secret, and so on. */
export type HookStep = 'resources' | 'list' | 'create' | 'secret' | 'renew' | 'move' | 'remove'
