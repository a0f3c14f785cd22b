import { Buffer } from 'node:buffer'
import { type Finding, proved, type SuspectApp, type SuspectSecret, type Suspicion, secretText } from './diagnosis.ts'
import { firstOfEach } from './first-of-each.ts'
import { secretsFor } from './keyring.ts'
import { publicKeyBytes, secretVariants } from './secret-variants.ts'
import { ed25519Bytes, fingerprint, keyBytes } from './sign.ts'
import type { ItemContext } from './value.ts'
import type { Key } from './webhook-definition.ts'

/** A key that may have signed, and what is wrong if it did. */
export interface SuspectKey {
  bytes: Buffer
  /** Whose it is, in words. */
  text: string
  findings: Finding[]
  /** Made of the secret as it is stored. */
  asStored: boolean
}

/** A secret that may have proved a request, and what is wrong if it did. */
export interface Suspect {
  app: SuspectApp
  secret: SuspectSecret
  findings: Finding[]
}

/** Every secret that is known here: those that count first, then others of the app, then those of other apps. */
export function suspects({ app, others }: Suspicion, key: Key, context: () => ItemContext): Suspect[] {
  const counting = new Set(secretsFor(key, app.keyring, context).map(({ value }) => value))
  const own = app.secrets.map((secret): Suspect => {
    const counts = counting.has(secret.value) && !secret.replaced && secret.name === key.secret
    return { app, secret, findings: counts ? [] : [ownFinding(app, secret, key)] }
  })
  const strange = others.flatMap(other =>
    other.secrets.map((secret): Suspect => {
      const whose = `it is ${secretText(other, secret)}${secret.replaced ? ', which was replaced' : ''}`
      return { app: other, secret, findings: [proved('other-app', `${whose}, and ${app.name} has another one`)] }
    }),
  )
  const nearest = [...own, ...strange].sort((left, right) => left.findings.length - right.findings.length)
  return firstOfEach(nearest, ({ secret }) => secret.value, [''])
}

function ownFinding(app: SuspectApp, secret: SuspectSecret, key: Key): Finding {
  const text = secretText(app, secret)
  if (secret.replaced) return proved('old-secret', `it is ${text}, which was replaced and is not valid any more`)
  const place = app.definition.secrets[key.secret]
  const wanted = place ? `the ${key.secret} secret (${place.label})` : `the ${key.secret} secret`
  if (secret.name !== key.secret) return proved('other-secret', `it is ${text}, where ${wanted} is wanted`)
  return proved('other-hook', `it is ${text}, and the request names another one`)
}

/** The keys that those secrets make, as they should be first, then as they may have been read, blanks and quotes included. */
export function suspectKeys(all: Suspect[], key: Key, isEd25519: boolean): SuspectKey[] {
  const right = all.flatMap(({ app, secret, findings }): SuspectKey[] => {
    const bytes = isEd25519 ? ed25519Bytes(secret.value) : keyBytes(key, secret.value)
    return bytes.length === 0 ? [] : [{ bytes, text: secretText(app, secret), findings, asStored: true }]
  })
  const variants = all.flatMap(({ app, secret, findings }): SuspectKey[] => {
    const text = secretText(app, secret)
    if (isEd25519) {
      const bytes = publicKeyBytes(secret.value)
      if (!bytes || bytes.equals(ed25519Bytes(secret.value))) return []
      const wrong = proved('secret-form', `the stored key ${fingerprint(secret.value)} is not written as 64 hex digits`)
      return [{ bytes, text, findings: [...findings, wrong], asStored: false }]
    }
    return secretVariants(key, secret.value).map(one => ({
      bytes: one.bytes,
      text: `${one.text} (${text})`,
      findings: [...findings, proved(one.kind, `the key is ${one.text}`)],
      asStored: false,
    }))
  })
  const empty = proved('secret-text', 'it was signed with an empty secret')
  const nothing: SuspectKey[] = isEd25519
    ? []
    : [{ bytes: Buffer.alloc(0), text: 'an empty secret', findings: [empty], asStored: false }]
  return [...right, ...nothing, ...variants].sort((left, right) => left.findings.length - right.findings.length)
}
