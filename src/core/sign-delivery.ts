import type { ProviderDefinition } from './definition.ts'
import { exits, WhsError } from './errors.ts'
import type { Slots } from './fill-text.ts'
import { type SigningOptions, wantedClaims } from './jwt.ts'
import { type SampleMessage, writeItems } from './sample.ts'
import { type Signable, signMessage, withBodyHash } from './sign.ts'
import { perItemScheme } from './verify-token.ts'
import type { JwtScheme, Scheme } from './webhook-definition.ts'

/** What a delivery is signed with. */
export interface DeliveryKeys extends SigningOptions {
  /** Secret name → the newest value. */
  secrets: Record<string, string>
  /** For claims of a JWT: `callback`, `clientId`, `setting.<name>`. */
  slots?: Slots
  /** Which of the definition's schemes; absent: the first whose secret (or private key) is there. */
  scheme?: number
}

/** The scheme that a delivery can be signed with. */
export function schemeFor(
  definition: ProviderDefinition,
  keys: Pick<DeliveryKeys, 'secrets' | 'privateKey' | 'scheme'>,
): Scheme | undefined {
  const { verify } = definition.webhook
  if (keys.scheme !== undefined) return verify[keys.scheme]
  return verify.find(scheme => {
    if (scheme.scheme === 'url-key') return true
    if (scheme.scheme === 'ed25519' || (scheme.scheme === 'jwt' && 'jwks' in scheme.key))
      return keys.privateKey !== undefined
    const { key } = scheme
    return 'secret' in key && keys.secrets[key.secret] !== undefined
  })
}

/**
 * A delivery signed as the provider does, now; `url` is where it must be sent then.
 * @throws WhsError `cannot-sign` (exit 2) where no scheme of it can be signed with what is there
 */
export function signDelivery(
  definition: ProviderDefinition,
  message: Signable,
  keys: DeliveryKeys,
): SampleMessage & { url: string } {
  const scheme = schemeFor(definition, keys)
  if (!scheme) throw cannotSign(definition)
  const name = 'key' in scheme && 'secret' in scheme.key ? scheme.key.secret : ''
  const secret = keys.secrets[name] ?? ''
  const perItem = perItemScheme(scheme)
  if (perItem) return { ...writeItems(definition, message, () => [[perItem.at, secret]]), url: message.url }
  const claims = scheme.scheme === 'jwt' ? claimsOf(scheme, keys.slots ?? {}) : {}
  const url = withBodyHash(scheme, message.url, message)
  const signed = signMessage(scheme, { ...message, url }, secret, { ...keys, claims: { ...claims, ...keys.claims } })
  return { ...signed, url }
}

/** The claims that a token must have, each the first text whose slots are known. */
function claimsOf(scheme: JwtScheme, slots: Slots): Record<string, string> {
  const wanted = Object.entries(wantedClaims(scheme, slots))
  return Object.fromEntries(wanted.flatMap(([name, [text]]) => (text === undefined ? [] : [[name, text]])))
}

function cannotSign(definition: ProviderDefinition): WhsError {
  return new WhsError({
    code: 'cannot-sign',
    exit: exits.usage,
    what: `a delivery of ${definition.name} cannot be signed`,
    why: 'the secret that signs it is not stored',
    next: 'whs app list',
  })
}
