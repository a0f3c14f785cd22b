import type { SecretName } from './definition.ts'

/** The flag of `app add` and `app set` that reads a secret from stdin. */
export function secretFlag(name: SecretName): string {
  return name === 'client' || name === 'webhook' ? `--${name}-secret -` : `--secret ${name}=-`
}
