import { Buffer } from 'node:buffer'
import { decodeBody } from './decode.ts'
import type { ProviderDefinition } from './definition.ts'
import { holds } from './holds.ts'
import { type Keyring, queryOf, type RawDelivery, secretsFor } from './keyring.ts'
import { rootItem } from './path.ts'
import { answerContext, type ItemContext, readValue } from './value.ts'
import { accepted, type Refused, refused, type Verdict } from './verdict.ts'
import { verifySigned } from './verify-signed.ts'
import { basicText, perItemScheme, perItemVerdict, verifyJwt, verifyToken } from './verify-token.ts'
import type { Scheme } from './webhook-definition.ts'

/**
 * Whether a delivery comes from its provider. Of the schemes the first decides whose signature is there and for which a
 * secret is stored. Compares in constant time; a header that came twice never passes.
 */
export function verifyDelivery(definition: ProviderDefinition, delivery: RawDelivery, keyring: Keyring): Verdict {
  const context = untrusted(definition, delivery)
  let first: Refused | undefined
  let unproved: Refused | undefined
  let noSecret: Refused | undefined
  for (const [index, scheme] of definition.webhook.verify.entries()) {
    if (scheme.when && !holds(context(), scheme.when)) continue
    const verdict = verifyBy(scheme, index, delivery, keyring, context)
    const isBare =
      scheme.scheme === 'url-key' && first !== undefined && signsItself(definition, index, keyring, context)
    if (isBare) return first as Refused
    if (verdict.verified) return { ...verdict, activation: verdict.activation ?? keyring.activation }
    if (verdict.reason === 'no-secret') {
      if (verdict.unproved) unproved ??= verdict
      noSecret ??= verdict
    } else if (verdict.reason !== 'missing-header') return verdict
    else first ??= verdict
  }
  const none = { verified: false, reason: 'missing-header', detail: 'nothing in it proves who sent it' } as const
  return unproved ?? first ?? noSecret ?? none
}

/** Whether the hook that the URL names has a secret of a stronger scheme: then its key alone is no proof. */
function signsItself(
  { webhook }: ProviderDefinition,
  index: number,
  keyring: Keyring,
  context: () => ItemContext,
): boolean {
  return webhook.verify.slice(0, index).some(scheme => {
    const key = 'key' in scheme && 'secret' in scheme.key ? scheme.key : undefined
    return key && secretsFor(key, keyring, context).some(({ activation }) => activation?.id === keyring.activation)
  })
}

/** The delivery as values may be read from it before it is trusted; decoded once, when it is first asked for. */
export function untrusted(definition: ProviderDefinition, delivery: RawDelivery): () => ItemContext {
  let made: ItemContext | undefined
  return () => {
    if (made) return made
    const decoded = decodeBody(definition.webhook.body, delivery)
    const blank = answerContext(Buffer.from('null')) as ItemContext
    const doc = 'doc' in decoded ? decoded.doc : blank.doc
    made = { doc, item: rootItem, headers: delivery.headers, query: queryOf(delivery) }
    return made
  }
}

function verifyBy(
  scheme: Scheme,
  index: number,
  delivery: RawDelivery,
  keyring: Keyring,
  context: () => ItemContext,
): Verdict {
  switch (scheme.scheme) {
    case 'hmac':
    case 'hash':
    case 'ed25519':
      return verifySigned(scheme, index, delivery, keyring, context)
    case 'token': {
      if (perItemScheme(scheme)) return perItemVerdict(scheme, index, keyring)
      const given = readValue(context(), scheme.at)?.text
      return verifyToken(scheme, index, keyring, context, given)
    }
    case 'basic':
      return verifyToken(scheme, index, keyring, context, basicText(delivery))
    case 'jwt':
      return verifyJwt(scheme, index, delivery, keyring, context)
    case 'url-key':
      if (keyring.activation === null) return refused('unknown-key', 'the key in the URL is none that is known')
      return accepted(index, 'token', null, keyring.activation)
  }
}
