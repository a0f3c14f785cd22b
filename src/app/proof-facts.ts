import type { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../core/definition.ts'
import type { RawHeaders } from '../core/headers.ts'
import { describeScheme, schemeName } from '../core/scheme-text.ts'
import { composeSigned, isSigning } from '../core/sign.ts'
import { readSignatures } from '../core/signature-header.ts'
import { readTime } from '../core/signed-time.ts'
import { clip, safeText } from '../core/text.ts'

/** How a delivery is proved: by which scheme, and over which bytes. */
export interface ProofFacts {
  /** `HMAC-SHA256`, `token`. */
  scheme: string
  /** Where the signature stands, over what it is, how old it may be. */
  how: string
  /** What is signed, piece by piece; empty where only the sender is proved. */
  parts: PartFact[]
}
export interface PartFact {
  name: string
  /** Null for the secret itself, which is never shown. */
  bytes: number | null
  /** Its first letters. */
  begins: string
}

const shown = 48

/** What one scheme of a definition looks at in a request; `null` where there is no such scheme. */
export function proofFacts(
  definition: ProviderDefinition,
  index: number,
  request: { method: string; url: string | null; headers: RawHeaders; body: Buffer },
): ProofFacts | null {
  const scheme = definition.webhook.verify[index]
  if (!scheme) return null
  const name = scheme.name ? `${schemeName(scheme)} (${scheme.name})` : schemeName(scheme)
  const facts = { scheme: name, how: describeScheme(scheme) }
  if (!isSigning(scheme)) return { ...facts, parts: [] }
  const { headers, body } = request
  const given = readSignatures(scheme.header, headers)
  const time = readTime(scheme, { headers, body }, 'time' in given ? given.time : null)
  const parts = composeSigned(scheme, { ...request, url: request.url ?? '' }, time)
  return {
    ...facts,
    parts: parts.map(({ name: part, bytes }, at) =>
      scheme.signs[at] === 'secret'
        ? { name: part, bytes: null, begins: '' }
        : { name: part, bytes: bytes.length, begins: clip(safeText(bytes.subarray(0, 4 * shown).toString()), shown) },
    ),
  }
}
