import type { ProviderDefinition, SecretName } from './definition.ts'
import { signingSecrets } from './scheme-text.ts'

/** The app's secret that a handshake brings, so that nobody has to copy it; null where there is none. */
export function broughtSecret(definition: ProviderDefinition): SecretName | null {
  return broughtTo(definition, 'app')
}

/** The name of the secret that each hook has for itself; null where hooks have none. */
export function hookSecret(definition: ProviderDefinition): SecretName | null {
  return signingSecrets(definition, 'activation')[0] ?? broughtTo(definition, 'activation')
}

function broughtTo({ webhook }: ProviderDefinition, of: 'app' | 'activation'): SecretName | null {
  return webhook.handshakes?.find(({ brings }) => brings?.of === of)?.brings?.secret ?? null
}

/** The secret of a hook that whoever makes it must choose, where the app has none that serves; null for any other. */
export function chosenSecret(definition: ProviderDefinition): { name: SecretName; optional: boolean } | null {
  const name = hookSecret(definition)
  if (name === null || definition.activation.secret !== 'chosen' || broughtTo(definition, 'activation') !== null)
    return null
  return { name, optional: definition.secrets[name]?.optional === true }
}

/** Whether a new hook waits for something: its secret, or the first request that comes by its key. */
export function isAwaited(definition: ProviderDefinition, hasSecret: boolean): boolean {
  const { activation, webhook } = definition
  if (activation.keyed || webhook.handshakes?.some(({ brings }) => brings !== undefined)) return !hasSecret
  return lacksSecret(definition, hasSecret)
}

/** Whether a hook cannot do without a secret that it does not have yet. */
export function lacksSecret(definition: ProviderDefinition, hasSecret: boolean): boolean {
  const name = hookSecret(definition)
  if (name === null || hasSecret) return false
  if (broughtTo(definition, 'activation') !== null) return true
  const isOptional = definition.secrets[name]?.optional || signingSecrets(definition, 'app').includes(name)
  return definition.activation.secret !== undefined && !isOptional
}
