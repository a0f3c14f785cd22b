import { Buffer } from 'node:buffer'
import { header, headerCount, type RawHeaders } from './headers.ts'
import { isSecretHeader } from './redact.ts'
import { schemeName } from './scheme-text.ts'
import { isSigning, type SigningScheme } from './sign.ts'
import { readSignatures, signatureBytes } from './signature-header.ts'
import { clip, safeText } from './text.ts'
import type { Scheme } from './webhook-definition.ts'

/**
 * What is wrong with the header that holds a signature, by its form alone: it is missing, or which part of it cannot be
 * read, with how its value begins. `null` where its form is right, or the scheme reads no signature from a header. Pure.
 */
export function headerFault(scheme: Scheme, headers: RawHeaders): { isMissing: boolean; text: string } | null {
  if (!isSigning(scheme)) return null
  const given = readSignatures(scheme.header, headers)
  if ('reason' in given && given.reason === 'doubled-header') return null
  if ('reason' in given && given.reason === 'missing-header') {
    const empty = nameOf(scheme, headers)
    if (headerCount(headers, empty) > 0) return { isMissing: true, text: `header ${empty} came empty` }
    const [alike] = lookAlikes(headers)
    const came = alike === undefined ? '' : `; ${safeText(clip(alike, 60))} came`
    return { isMissing: true, text: given.detail + came }
  }
  const name = nameOf(scheme, headers)
  const value = header(headers, name) ?? ''
  const why = 'reason' in given ? formFault(scheme, value) : signatureFault(scheme, given.signatures)
  const time = 'time' in given && scheme.header.list?.time && given.time === null
  const fault = why ?? (time ? `it has no ${scheme.header.list?.time}=` : null)
  return fault === null ? null : { isMissing: false, text: `header ${name}: ${fault}${beginning(name, value)}` }
}

function nameOf({ header: { names } }: SigningScheme, headers: RawHeaders): string {
  const all = names.map(name => name.replace('{n}', '1'))
  return all.find(name => headerCount(headers, name) > 0) ?? (all[0] as string)
}

/** Headers that look as if they held a signature. */
function lookAlikes(headers: RawHeaders): string[] {
  return headers.filter((name, index) => index % 2 === 0 && /sign|hmac|digest|x-hub/i.test(name))
}

/** Which part of a header's layout is not there. */
function formFault({ header: { prefix = '', list, words } }: SigningScheme, value: string): string {
  if (list) {
    const names = value.split(',').map(pair => pair.slice(0, Math.max(0, pair.indexOf('='))).trim())
    const isThere = names.includes(list.signature)
    return isThere ? `its ${list.signature}= holds nothing` : `it has no ${list.signature}=`
  }
  if (words) return `it has no signature of version ${words.version} ("${words.version},…")`
  return value.length > prefix.length ? `it does not begin with "${prefix}"` : `it holds nothing behind "${prefix}"`
}

/** Why none of the signatures can be one: its letters, or how many bytes they stand for. */
function signatureFault(scheme: SigningScheme, signatures: string[]): string | null {
  const faults = signatures.map(one => {
    const bytes = signatureBytes(one, scheme.encoding)
    if (!bytes) return `the signature is no ${scheme.encoding}`
    const wanted = lengthOf(scheme)
    return bytes.length === wanted
      ? null
      : `the signature has ${bytes.length} bytes, ${schemeName(scheme)} makes ${wanted}`
  })
  return faults.includes(null) ? null : (faults[0] ?? null)
}

function lengthOf(scheme: SigningScheme): number {
  if (scheme.scheme === 'ed25519') return 64
  return { sha1: 20, sha256: 32, sha512: 64 }[scheme.hash]
}

const shown = 24

/** How a value begins, as far as that gives nothing away; a credential's is not shown. */
function beginning(name: string, value: string): string {
  if (isSecretHeader(name)) return ''
  const length = Buffer.byteLength(value)
  return `; it ${value.length > shown ? 'begins' : 'is'} "${clip(safeText(value), shown)}" (${length} bytes)`
}
