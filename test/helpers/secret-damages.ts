import { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { Cause, SuspectSecret } from '../../src/core/diagnosis.ts'
import { setHeader } from '../../src/core/headers.ts'
import type { SecretCandidate } from '../../src/core/keyring.ts'
import type { SampleMessage } from '../../src/core/sample.ts'
import { perItemScheme } from '../../src/core/verify-token.ts'
import { changed, type Damage, type Damaged, keyringOf, schemeOf, suspectApp } from './damage.ts'
import { secretsOf, signedDelivery } from './provider-deliveries.ts'

/** The secret is stored otherwise than the provider has it. */
function secretDamage(name: string, causes: Cause[], store: (value: string) => string): Damage {
  return {
    name,
    make(definition, sample) {
      if (definition.webhook.verify.every(one => one.scheme === 'url-key' || ('key' in one && 'jwks' in one.key)))
        return null
      return changed(definition, sample, causes, (_, { secrets }) => ({
        keyring: { secrets: secrets.map(one => ({ ...one, value: store(one.value) })) },
      }))
    },
  }
}

export const secretDamages: Damage[] = [
  secretDamage('secret with a line end', ['secret-text', 'secret-form'], value => `${value}\n`),
  secretDamage('secret with blanks', ['secret-text', 'secret-form'], value => ` ${value}  `),
  secretDamage('secret in quotes', ['secret-text', 'secret-form'], value => `"${value}"`),
  secretDamage('secret as a line of a file', ['secret-text', 'secret-form'], value => `WEBHOOK_SECRET='${value}'`),
  secretDamage('secret with an invisible character', ['secret-text', 'secret-form'], value => `\u200b${value}`),
  {
    name: 'secret of another app',
    make: (definition, sample) => withSecrets(definition, sample, ['other-app'], 'other'),
  },
  {
    name: 'secret that was replaced',
    make: (definition, sample) => withSecrets(definition, sample, ['old-secret'], 'replaced'),
  },
  {
    name: 'secret of another name',
    make(definition, sample) {
      const [name, other] = Object.keys(secretsOf(definition))
      if (name === undefined || other === undefined) return null
      return withSecrets(definition, sample, ['other-secret'], 'named', other)
    },
  },
]

/** The right secret is not the app's: another app has it, it was replaced, or it stands under another name. */
function withSecrets(
  definition: ProviderDefinition,
  sample: SampleMessage,
  causes: Cause[],
  how: 'other' | 'replaced' | 'named',
  name = '',
): Damaged | null {
  const scheme = schemeOf(definition)
  if (scheme.scheme === 'url-key' || !('key' in scheme) || 'jwks' in scheme.key) return null
  const { key } = scheme
  if (how === 'named' && (name === key.secret || isKeyedToo(definition))) return null
  const keyring = keyringOf(definition)
  const request = signedDelivery(definition, sample, keyring)
  const mine = suspectApp(definition, { ...keyring, secrets: keyring.secrets.map(wrongSecret) })
  const right = keyring.secrets.find(one => one.name === key.secret) as SecretCandidate
  const suspect: SuspectSecret = { ...right, activation: null, hook: null, replaced: how === 'replaced' }
  if (how === 'named') suspect.name = name
  const others = how === 'other' ? [{ ...suspectApp(definition, keyring, 'theirs'), env: 'sandbox' }] : []
  if (how !== 'other') mine.secrets.push(suspect)
  return { suspicion: { request: { ...request, bytes: request.body.length }, app: mine, others }, causes }
}

function isKeyedToo({ webhook }: ProviderDefinition): boolean {
  return webhook.verify.some(one => one.scheme === 'url-key')
}

/** Damages of tokens and credentials. */
export const tokenDamages: Damage[] = [
  tokenDamage('token in quotes', ['quoted', 'encoding', 'secret-text'], one => `"${one}"`),
  tokenDamage('a word before the token', ['prefix', 'encoding'], one => `Bearer ${one}`),
  tokenDamage('token in base64', ['encoding', 'prefix'], one => Buffer.from(one).toString('base64')),
]

function tokenDamage(name: string, causes: Cause[], write: (token: string) => string): Damage {
  return {
    name,
    make(definition, sample) {
      const scheme = schemeOf(definition)
      if ((scheme.scheme !== 'token' && scheme.scheme !== 'basic') || perItemScheme(scheme)) return null
      return changed(definition, sample, causes, ({ headers }, { secrets }) => {
        const value = secrets.find(one => one.name === scheme.key.secret)?.value as string
        const at =
          scheme.scheme === 'token' && typeof scheme.at === 'object' && 'header' in scheme.at
            ? scheme.at.header
            : 'authorization'
        return { headers: setHeader(headers, at, write(value)) }
      })
    },
  }
}

/** A secret in place of another, which nobody uses. */
export function wrongSecret(one: SecretCandidate): SecretCandidate {
  return { ...one, value: Buffer.from(`wrong${one.name}`.padEnd(32, '0')).toString('hex') }
}
