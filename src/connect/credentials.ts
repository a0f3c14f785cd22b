import type { ProviderDefinition, SecretName } from '../core/definition.ts'
import { exits } from '../core/errors.ts'
import { type Slots, slotsOf } from '../core/fill-text.ts'
import { secretFlag } from '../core/secret-flag.ts'
import type { Consent, ConsentFailure } from '../store/consent-ops.ts'
import { type ConsentDeps, mustFindApp } from './consent.ts'

/** The app's secrets that a consent needs, every valid value of each, newest first. */
export interface Credentials {
  secrets: Record<SecretName, string[]>
  /** The first one that is not to be had here; null where all are. */
  missing: SecretName | null
  definition: ProviderDefinition
}

/** The secrets that this process can see; another one may see more. */
export async function credentialsOf(deps: ConsentDeps, consent: Consent): Promise<Credentials> {
  const app = await mustFindApp(deps, consent.app)
  const secrets: Credentials['secrets'] = {}
  let missing: SecretName | null = null
  const definition = deps.definitionOf(app.provider)
  for (const name of secretsNeeded(definition)) {
    const values = await deps.secretsOf(app, name)
    secrets[name] = values.map(({ value }) => value)
    if (values.length === 0) missing ??= name
  }
  return { secrets, missing, definition }
}

/** The names of the secrets without which a consent cannot be finished. */
function secretsNeeded({ oauth: { revoke: _later, ...oauth }, identity }: ProviderDefinition): SecretName[] {
  const named = secretsNamed([oauth, identity])
  const own = oauth.kind === 'code' ? ['client'] : []
  const signature = oauth.callbackSignature ? [oauth.callbackSignature.secret] : []
  return [...new Set([...own, ...signature, ...named])]
}

/** The secrets that a part of a definition fills in as `{secret.<name>}`. */
export function secretsNamed(part: unknown): SecretName[] {
  const slots = slotsOf(JSON.stringify(part))
  return slots.filter(slot => slot.startsWith('secret.')).map(slot => slot.slice('secret.'.length))
}

/** The newest secrets as `secret.<name>`. */
export function secretSlots({ secrets }: Credentials): Slots {
  const slots: Slots = {}
  for (const [name, [newest]] of Object.entries(secrets)) if (newest !== undefined) slots[`secret.${name}`] = newest
  return slots
}

/** What a consent fails with where no process knows a secret that it needs. */
export function noSecret({ secrets }: ProviderDefinition, app: string, name: SecretName): ConsentFailure {
  return {
    code: `no-${name}-secret`,
    what: `the app ${app} has no ${secrets[name]?.label ?? `${name} secret`}`,
    why: 'what the browser brought cannot be checked and exchanged without it',
    next: `whs app set ${app} ${secretFlag(name)}`,
    exit: exits.missing,
  }
}
