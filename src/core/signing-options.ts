import { type Finding, proved } from './diagnosis.ts'
import { filterHeaders, headerCount, headerValues, type RawHeaders } from './headers.ts'
import { holds } from './holds.ts'
import { schemeName } from './scheme-text.ts'
import { coversBody, isSigning, type Signable, type SigningScheme } from './sign.ts'
import { readSignatures } from './signature-header.ts'
import type { SignatureReading } from './signature-readings.ts'
import { readTime } from './signed-time.ts'
import type { ItemContext } from './value.ts'
import { signedHeaders } from './verify-signed.ts'
import type { Scheme } from './webhook-definition.ts'

/** One thing that may have been otherwise, and what is wrong if it was: nothing, for as it came. */
export interface Option<T> {
  value: T
  findings: Finding[]
}

/** What is wrong if it is this scheme that matches: another one was to decide. */
export function schemeFindings(
  all: Scheme[],
  index: number,
  headers: RawHeaders,
  context: () => ItemContext,
): Finding[] {
  const applies = all.map(one => !one.when || holds(context(), one.when))
  const came = all.map(
    one => isSigning(one) && one.header.names.some(name => headerCount(headers, name.replace('{n}', '1')) > 0),
  )
  const deciding = all.findIndex((_, at) => applies[at] && came[at])
  const at = deciding < 0 ? applies.indexOf(true) : deciding
  if (at === index || all.length === 1) return []
  const name = (one: Scheme | undefined): string => (one ? (one.name ?? schemeName(one)) : 'another scheme')
  return [proved('other-scheme', `it is signed by ${name(all[index])}, where ${name(all[at])} decides`)]
}

/** The scheme as it is, with another hash, and over the body alone. */
export function schemeOptions(scheme: SigningScheme, readings: SignatureReading[]): Option<SigningScheme>[] {
  const found: Option<SigningScheme>[] = [{ value: scheme, findings: [] }]
  if (scheme.scheme === 'hmac') {
    const sizes = { sha1: 20, sha256: 32, sha512: 64 }
    for (const [hash, size] of Object.entries(sizes) as ['sha1' | 'sha256' | 'sha512', number][]) {
      if (hash === scheme.hash || !readings.some(({ bytes }) => bytes.length === size)) continue
      const text = `it is signed by HMAC-${hash.toUpperCase()}, where ${schemeName(scheme)} is wanted`
      found.push({ value: { ...scheme, hash }, findings: [proved('other-hash', text)] })
    }
  }
  if (scheme.signs.length > 1 && coversBody(scheme) && scheme.scheme !== 'hash') {
    const text = 'the body alone is signed, without what else the provider signs'
    found.push({ value: { ...scheme, signs: ['body'] }, findings: [proved('body-alone', text)] })
  }
  return found
}

/** The time as it is written, and in another unit. */
export function timeOptions(
  scheme: SigningScheme,
  { headers, body }: Pick<Signable, 'headers' | 'body'>,
): Option<string | null>[] {
  const given = readSignatures(scheme.header, headers)
  const list = scheme.header.list?.time
  const values = headers.filter((_, index) => index % 2 === 1).join('\n')
  const loose = list ? (new RegExp(`(?:^|[,;\\s"'])${list}=(\\w+)`).exec(values)?.[1] ?? null) : null
  const text = readTime(scheme, { headers, body }, ('time' in given ? given.time : null) ?? loose)
  const found: Option<string | null>[] = [{ value: text, findings: [] }]
  if (text !== null && /^\d{9,14}$/.test(text)) {
    const other = text.length > 11 ? text.slice(0, -3) : `${text}000`
    found.push({ value: other, findings: [proved('time-unit', `the time that was signed is ${other}, ${text} came`)] })
  }
  return found
}

/** The headers as they came; where one that is signed came twice, with each of the two alone. */
export function headerOptions(scheme: SigningScheme, headers: RawHeaders): Option<RawHeaders>[] {
  const found: Option<RawHeaders>[] = [{ value: headers, findings: [] }]
  for (const name of signedHeaders(scheme)) {
    const values = headerValues(headers, name)
    if (values.length < 2) continue
    const rest = filterHeaders(headers, one => one !== name)
    if (found[0]?.findings.length === 0) found.shift()
    for (const [at, value] of values.entries()) {
      const text = `header ${name}, which is signed, came ${values.length} times: number ${at + 1} is right`
      found.push({ value: [...rest, name, value], findings: [proved('doubled-header', text)] })
    }
  }
  return found
}
