import type { ConsentDeps } from '../consent.ts'

/** What hooks by API need of the world; `consentDeps` of the app gives it. */
export type ActivationDeps = Pick<
  ConsentDeps,
  'store' | 'http' | 'definitionOf' | 'secretsOf' | 'clientIdOf' | 'settingsOf' | 'now' | 'randomBytes'
>
