import { Buffer } from 'node:buffer'
import { createHash, verify as verifyWith } from 'node:crypto'
import { bodyVariants } from './body-variants.ts'
import { type Finding, type Match, proved, type Suspicion } from './diagnosis.ts'
import type { RawHeaders } from './headers.ts'
import { schemeName } from './scheme-text.ts'
import {
  bodyHashAt,
  composeSigned,
  coversBody,
  coversUrl,
  digestParts,
  ed25519Key,
  isSigning,
  type Signable,
  type SigningScheme,
} from './sign.ts'
import { type SignatureReading, signatureReadings } from './signature-readings.ts'
import { timeFault, unitText } from './signed-time.ts'
import { headerOptions, type Option, schemeFindings, schemeOptions, timeOptions } from './signing-options.ts'
import { type SuspectKey, suspectKeys, suspects } from './suspect-keys.ts'
import { bytesText, durationText } from './text.ts'
import { urlVariants } from './url-variants.ts'
import { type ItemContext, readValue } from './value.ts'
import { signedUrls } from './verify-signed.ts'

/** How much may still be hashed, so that a diagnosis takes a second or two at most. */
export interface Budget {
  bytes: number
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

/** How much was tried besides what is stored and came, for the line that says so. */
export interface Tried {
  /** Readings of secrets. */
  readings: number
  bodies: number
  urls: number
  signatures: number
}

const mostUndone = 2
/** What a digest takes besides its bytes, in bytes. */
const costOfDigest = 128

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
  const most = (count: (axes: Axes) => number): number => Math.max(0, ...all.map(count))
  const tried = {
    readings: most(({ keys }) => keys.filter(({ asStored }) => !asStored).length),
    bodies: most(({ bodies }) => bodies.length - 1),
    urls: most(({ urls }) => urls.filter(({ findings }) => findings.length > 0).length),
    signatures: most(({ readings }) => readings.filter(({ findings }) => findings.length > 0).length),
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
  const known = [...new Set(signedUrls(app.keyring, request))]
  const strange = [...app.urls, ...others.flatMap(one => [...one.keyring.urls, ...one.urls])].map(url => url + suffix)
  const urls: Option<string>[] = known.map(value => ({ value, findings: [] }))
  for (const { url, text } of urlVariants(known, headers, strange)) {
    urls.push({ value: url, findings: [{ ...proved('url', `what was signed is ${url} (${text})`), url }] })
  }
  const bodies: Option<Buffer>[] = [{ value: body, findings: [] }]
  for (const { kind, text, bytes } of coversBody(scheme) ? bodyVariants(body, headers) : []) {
    bodies.push({
      value: bytes,
      findings: [
        proved(kind, `what was signed is ${text} (${bytesText(bytes.length)}, ${bytesText(body.length)} came)`),
      ],
    })
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
    const size = parts.reduce((sum, part) => sum + part.bytes.length, 0)
    for (const key of keys) {
      if (key.findings.length !== wanted) continue
      budget.bytes -= size + costOfDigest
      if (budget.bytes <= 0) return null
      const reading = readingOf(one.scheme, parts, key.bytes, readings)
      if (!reading) continue
      const findings = [...key.findings, ...one.findings, ...reading.findings]
      const names = parts.map(part => part.name).join(', ')
      const evidence = `${schemeName(one.scheme)} over ${bytesText(size)} (${names}) by ${key.text} is exactly what header ${reading.header} holds`
      return {
        findings: [
          ...findings,
          ...timeFindings(scheme, one.time, app.keyring.now),
          ...hashFindings(scheme, request, context),
        ],
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
  const publicKey = ed25519Key(key)
  const message = Buffer.concat(parts.map(part => part.bytes))
  return readings.find(({ bytes }) => bytes.length === 64 && verifyWith(null, message, publicKey, bytes))
}

/** What is wrong with the time, where the signature is right. */
function timeFindings({ time }: SigningScheme, text: string | null, now: number): Finding[] {
  const fault = time && timeFault(time, text, now)
  if (!time || !fault) return []
  if (text === null) return [proved('time-unit', 'the time that it was signed at is missing')]
  if (fault.unit) return [proved('time-unit', unitText(time, fault.unit))]
  if (fault.reason === 'malformed-header') return [proved('time-unit', 'its time is none that can be read')]
  const when = fault.reason === 'too-old' ? 'before it came' : 'after it came: a clock is wrong'
  const limit = durationText(time.toleranceSeconds * 1000)
  return [
    proved(
      'time',
      `it was signed ${durationText(fault.ms)} ${when} (${limit} are allowed); the signature itself is right`,
    ),
  ]
}

/** A body that is signed by its hash alone, and is another one. */
function hashFindings(
  scheme: SigningScheme,
  { headers, body }: Suspicion['request'],
  context: () => ItemContext,
): Finding[] {
  const at = bodyHashAt(scheme, { headers, body })
  const wanted = at === undefined ? undefined : readValue(context(), at)?.text.toLowerCase()
  const isHash = (bytes: Buffer): boolean => createHash('sha256').update(bytes).digest('hex') === wanted
  if (wanted === undefined || isHash(body)) return []
  const found = bodyVariants(body, headers).find(({ bytes }) => isHash(bytes))
  if (found) return [proved(found.kind, `what was signed is ${found.text}`)]
  return [proved('body', 'the URL is signed right, and the body is not the one whose hash stands in it')]
}
