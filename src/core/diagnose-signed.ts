import { Buffer } from 'node:buffer'
import { createHash, createPublicKey, verify as verifyWith } from 'node:crypto'
import { bodyVariants } from './body-variants.ts'
import { isFormType } from './decode.ts'
import { type Finding, type Match, proved, type Suspicion } from './diagnosis.ts'
import { filterHeaders, header, headerCount, type RawHeaders } from './headers.ts'
import { holds } from './holds.ts'
import { schemeName } from './scheme-text.ts'
import { coversBody, coversUrl, composeSigned, digestParts, isSigning, type Signable, type SigningScheme } from './sign.ts'
import { type SignatureReading, signatureReadings } from './signature-readings.ts'
import { readSignatures } from './signature-header.ts'
import { readTime, timeFault } from './signed-time.ts'
import { type SuspectKey, suspectKeys, suspects } from './suspect-keys.ts'
import { bytesText, durationText } from './text.ts'
import { urlVariants } from './url-variants.ts'
import { headersIn, type ItemContext, readValue } from './value.ts'
import type { Scheme } from './webhook-definition.ts'

/** How much may still be hashed, so that a diagnosis takes a second or two at most. */
export interface Budget {
  bytes: number
}

/** One thing that may have been otherwise, and what is wrong if it was: nothing, for as it came. */
interface Option<T> {
  value: T
  findings: Finding[]
}

interface Axes {
  scheme: SigningScheme
  readings: SignatureReading[]
  keys: SuspectKey[]
  schemes: Option<SigningScheme>[]
  bodies: Option<Buffer>[]
  urls: Option<string>[]
  times: Option<string | null>[]
  headers: Option<RawHeaders>[]
}

/** What was tried, for the line that says so. */
export interface Tried {
  secrets: number
  keys: number
  bodies: number
  urls: number
  signatures: number
}

const mostUndone = 2

/**
 * Looks for what must be undone so that a signature of the request matches: every single thing first, then two at once.
 * `null` where nothing matches, or the budget ran out first.
 */
export function diagnoseSigned(
  suspicion: Suspicion,
  context: () => ItemContext,
  budget: Budget,
): { match: Match | null; tried: Tried } {
  const all = suspicion.app.definition.webhook.verify.flatMap((scheme, index) =>
    isSigning(scheme) ? [axesOf(suspicion, scheme, index, context)] : [],
  )
  const tried = {
    secrets: Math.max(0, ...all.map(({ keys }) => keys.filter(one => !/^the (key|stored)/.test(one.text)).length)),
    keys: Math.max(0, ...all.map(({ keys }) => keys.length)),
    bodies: Math.max(0, ...all.map(({ bodies }) => bodies.length)),
    urls: Math.max(0, ...all.map(({ urls }) => urls.length)),
    signatures: Math.max(0, ...all.map(({ readings }) => readings.length)),
  }
  for (let undone = 0; undone <= mostUndone; undone++) {
    for (const axes of all) {
      const match = axes.readings.length > 0 ? search(suspicion, axes, undone, context, budget) : null
      if (match) return { match, tried }
      if (budget.bytes <= 0) return { match: null, tried }
    }
  }
  return { match: null, tried }
}

function axesOf(suspicion: Suspicion, scheme: SigningScheme, index: number, context: () => ItemContext): Axes {
  const { request, app, others } = suspicion
  const { headers, body, suffix } = request
  const wrong = schemeFindings(app.definition.webhook.verify, index, headers, context)
  const readings = signatureReadings(scheme, headers)
  const known = [...new Set(app.keyring.urls)].map(url => url + suffix)
  const strange = [...app.urls, ...others.flatMap(one => [...one.keyring.urls, ...one.urls])].map(url => url + suffix)
  const urls: Option<string>[] = known.map(value => ({ value, findings: [] }))
  for (const { url, text } of urlVariants(known, headers, strange)) {
    urls.push({ value: url, findings: [proved('url', `what was signed is ${url} (${text})`)] })
  }
  const bodies: Option<Buffer>[] = [{ value: body, findings: [] }]
  for (const { kind, text, bytes } of coversBody(scheme) ? bodyVariants(body, headers) : []) {
    bodies.push({ value: bytes, findings: [proved(kind, `what was signed is ${text} (${bytesText(bytes.length)}, ${bytesText(body.length)} came)`)] })
  }
  const isNamed = coversUrl(scheme)
  return {
    scheme,
    readings,
    keys: suspectKeys(suspects(suspicion, scheme.key, context), scheme.key, scheme.scheme === 'ed25519'),
    schemes: schemeOptions(scheme, readings).map(one => ({ ...one, findings: [...wrong, ...one.findings] })),
    bodies,
    urls: isNamed ? urls : [{ value: '', findings: [] }],
    times: timeOptions(scheme, request),
    headers: headerOptions(scheme, headers),
  }
}

/** What is wrong if it is this scheme that matches: another one was to decide. */
function schemeFindings(all: Scheme[], index: number, headers: RawHeaders, context: () => ItemContext): Finding[] {
  const applies = all.map(one => !one.when || holds(context(), one.when))
  const came = all.map(one => isSigning(one) && one.header.names.some(name => headerCount(headers, name.replace('{n}', '1')) > 0))
  const deciding = all.findIndex((_, at) => applies[at] && came[at])
  const at = deciding < 0 ? applies.indexOf(true) : deciding
  if (at === index || all.length === 1) return []
  const name = (one: Scheme | undefined): string => (one ? (one.name ?? schemeName(one)) : 'another scheme')
  return [proved('other-scheme', `it is signed by ${name(all[index])}, where ${name(all[at])} decides`)]
}

/** The scheme as it is, with another hash, and over the body alone. */
function schemeOptions(scheme: SigningScheme, readings: SignatureReading[]): Option<SigningScheme>[] {
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
function timeOptions(scheme: SigningScheme, { headers, body }: Signable | Suspicion['request']): Option<string | null>[] {
  const given = readSignatures(scheme.header, headers)
  const list = scheme.header.list?.time
  const ofHeader = scheme.header.names.map(name => header(headers, name) ?? '').join(',')
  const loose = list ? (new RegExp(`(?:^|[,;\\s"'])${list}=(\\w+)`).exec(ofHeader)?.[1] ?? null) : null
  const text = readTime(scheme, { headers, body }, 'time' in given ? given.time : loose)
  const found: Option<string | null>[] = [{ value: text, findings: [] }]
  if (text !== null && /^\d{9,14}$/.test(text)) {
    const other = text.length > 11 ? text.slice(0, -3) : `${text}000`
    found.push({ value: other, findings: [proved('time', `the time that was signed is ${other}, ${text} came`)] })
  }
  return found
}

/** The headers as they came; where one that is signed came twice, with each of the two alone. */
function headerOptions(scheme: SigningScheme, headers: RawHeaders): Option<RawHeaders>[] {
  const found: Option<RawHeaders>[] = [{ value: headers, findings: [] }]
  const signed = scheme.signs.flatMap(part => (typeof part === 'object' && 'header' in part ? [part.header] : []))
  for (const name of [...(scheme.time ? headersIn(scheme.time.at) : []), ...signed]) {
    const count = headerCount(headers, name)
    if (count < 2) continue
    const values = headers.filter((_, at) => at % 2 === 1 && headers[at - 1]?.toLowerCase() === name)
    const rest = filterHeaders(headers, one => one !== name)
    found.splice(0, 1)
    for (const [at, value] of values.entries()) {
      const text = `header ${name}, which is signed, came ${count} times: number ${at + 1} is right`
      found.push({ value: [...rest, name, value], findings: [proved('doubled-header', text)] })
    }
  }
  return found
}

/** One level of the search: exactly so many things are otherwise, how the signature is written apart. */
function search(
  { request, app }: Suspicion,
  axes: Axes,
  undone: number,
  context: () => ItemContext,
  budget: Budget,
): Match | null {
  const { scheme, readings, keys } = axes
  for (const one of combined(axes, undone)) {
    const wanted = undone - one.findings.length
    const parts = composeSigned(one.scheme, { method: request.method, ...one.message }, one.time)
    const size = parts.reduce((sum, part) => sum + part.bytes.length, 128)
    for (const key of keys) {
      if (key.findings.length !== wanted) continue
      budget.bytes -= size
      if (budget.bytes <= 0) return null
      const reading = readingOf(one.scheme, parts, key.bytes, readings)
      if (!reading) continue
      const findings = [...key.findings, ...one.findings, ...reading.findings]
      const names = parts.map(part => part.name).join(', ')
      const evidence = `${schemeName(one.scheme)} over ${bytesText(size - 128)} (${names}) by ${key.text} is exactly what header ${reading.header} holds`
      return {
        findings: [...findings, ...timeFindings(scheme, one.time, app.keyring.now), ...hashFindings(scheme, request, context)],
        evidence,
      }
    }
  }
  return null
}

interface Combination {
  scheme: SigningScheme
  message: Pick<Signable, 'url' | 'headers' | 'body'>
  time: string | null
  findings: Finding[]
}

/** Every message that differs in at most so many things, nearest first within each. */
function* combined({ schemes, headers, times, urls, bodies }: Axes, most: number): Generator<Combination> {
  for (const scheme of schemes) {
    for (const head of headers) {
      for (const time of times) {
        const before = [...scheme.findings, ...head.findings, ...time.findings]
        if (before.length > most) continue
        for (const url of urls) {
          if (before.length + url.findings.length > most) continue
          for (const body of bodies) {
            const findings = [...before, ...url.findings, ...body.findings]
            if (findings.length > most) continue
            const message = { url: url.value, headers: head.value, body: body.value }
            yield { scheme: scheme.value, message, time: time.value, findings }
          }
        }
      }
    }
  }
}

const spkiOfEd25519 = '302a300506032b6570032100'

function readingOf(
  scheme: SigningScheme,
  parts: ReturnType<typeof composeSigned>,
  key: Buffer,
  readings: SignatureReading[],
): SignatureReading | undefined {
  if (scheme.scheme !== 'ed25519') {
    const made = digestParts(scheme, parts, key)
    return readings.find(({ bytes }) => bytes.equals(made))
  }
  const der = Buffer.concat([Buffer.from(spkiOfEd25519, 'hex'), key])
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' })
  const message = Buffer.concat(parts.map(part => part.bytes))
  return readings.find(({ bytes }) => bytes.length === 64 && verifyWith(null, message, publicKey, bytes))
}

/** What is wrong with the time, where the signature is right. */
function timeFindings({ time }: SigningScheme, text: string | null, now: number): Finding[] {
  const fault = time && timeFault(time, text, now)
  if (!time || !fault) return []
  if (text === null) return [proved('time', 'the time that it was signed at is missing')]
  const other = (['s', 'ms'] as const).find(unit => unit !== time.unit && !timeFault({ ...time, unit }, text, now))
  if (other) return [proved('time', `its time is written in ${other}, ${time.unit} is wanted`)]
  if (fault.reason === 'malformed-header') return [proved('time', 'its time is none that can be read')]
  const when = fault.reason === 'too-old' ? 'before it came' : 'after it came: a clock is wrong'
  const limit = durationText(time.toleranceSeconds * 1000)
  return [proved('time', `it was signed ${durationText(fault.ms)} ${when} (${limit} are allowed); the signature itself is right`)]
}

/** A body that is signed by its hash alone, and is another one. */
function hashFindings(scheme: SigningScheme, { headers, body }: Suspicion['request'], context: () => ItemContext): Finding[] {
  if (!scheme.bodyHash || body.length === 0 || isFormType(header(headers, 'content-type'))) return []
  const wanted = readValue(context(), scheme.bodyHash)?.text.toLowerCase()
  const isHash = (bytes: Buffer): boolean => createHash('sha256').update(bytes).digest('hex') === wanted
  if (wanted === undefined || isHash(body)) return []
  const found = bodyVariants(body, headers).find(({ bytes }) => isHash(bytes))
  if (found) return [proved(found.kind, `what was signed is ${found.text}`)]
  return [proved('body', 'the URL is signed right, and the body is not the one whose hash stands in it')]
}
