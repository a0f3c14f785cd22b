import type { ProviderDefinition, SecretName } from './definition.ts'
import { durationText } from './text.ts'
import { valueText } from './value-text.ts'
import type { Key, Scheme, SignatureHeader, SignedPart } from './webhook-definition.ts'

/**
 * The names of the secrets that prove deliveries, the strongest scheme's first; with `of` those alone that may be the
 * app's, or an activation's own. Empty where only keys fetched by URL or in the callback URL prove anything.
 */
export function signingSecrets(definition: ProviderDefinition, of?: 'app' | 'activation'): SecretName[] {
  const keys = definition.webhook.verify.flatMap(scheme => secretKey(scheme) ?? [])
  const fitting = keys.filter(key => of === undefined || key.of === 'either' || (key.of ?? 'app') === of)
  return [...new Set(fitting.map(key => key.secret))]
}

/** The secret that a scheme verifies with; undefined where it needs none of ours. */
export function secretKey(scheme: Scheme): Key | undefined {
  if (scheme.scheme === 'url-key') return undefined
  return 'jwks' in scheme.key ? undefined : scheme.key
}

/** What a scheme is called in a word or two: `HMAC-SHA256`, `Ed25519`, `token`. */
export function schemeName(scheme: Scheme): string {
  switch (scheme.scheme) {
    case 'hmac':
      return `HMAC-${scheme.hash.toUpperCase()}`
    case 'hash':
      return scheme.hash.toUpperCase()
    case 'ed25519':
      return 'Ed25519'
    case 'jwt':
      return `JWT ${scheme.algorithm}`
    case 'token':
      return 'token'
    case 'basic':
      return 'Basic'
    case 'url-key':
      return 'key in the URL'
  }
}

/** How a delivery is verified, in one line: where the signature stands, over what it is, and how old it may be. */
export function describeScheme(scheme: Scheme): string {
  const name = schemeName(scheme)
  switch (scheme.scheme) {
    case 'hmac':
    case 'hash':
    case 'ed25519': {
      const over = scheme.signs.map(partText).join(' + ')
      const age = scheme.time ? `, at most ${durationText(scheme.time.toleranceSeconds * 1000)} old` : ''
      return `header ${headerText(scheme.header)}, ${name} in ${scheme.encoding} over ${over}${age}`
    }
    case 'jwt': {
      const claims = Object.keys(scheme.claims)
      const held = claims.length > 0 ? `, claims ${claims.join(', ')}` : ''
      return `header ${scheme.header}, ${name}${held}; proves the sender only`
    }
    case 'token':
      return `${valueText(scheme.at)}, the stored token; proves the sender only`
    case 'basic':
      return 'header authorization, Basic with the stored user and password; proves the sender only'
    case 'url-key':
      return 'the key in the callback URL; proves the sender only'
  }
}

function headerText({ names, list, words }: SignatureHeader): string {
  const pair = list ? ` (${list.signature}=)` : words ? ` (${words.version},)` : ''
  return names.join(' or ') + pair
}

function partText(part: SignedPart): string {
  if (typeof part === 'string') return part === 'body' ? 'the exact body' : part
  return 'text' in part ? `"${part.text}"` : `header ${part.header}`
}
