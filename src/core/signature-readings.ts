import { Buffer } from 'node:buffer'
import { type Finding, proved } from './diagnosis.ts'
import { firstOfEach } from './first-of-each.ts'
import { headerCount, type RawHeaders } from './headers.ts'
import type { SigningScheme } from './sign.ts'
import { readSignatures, signatureBytes } from './signature-header.ts'

/** The bytes of what may be a signature, and how it stands there otherwise than the scheme says. */
export interface SignatureReading {
  bytes: Buffer
  header: string
  findings: Finding[]
}

const lengths = [20, 32, 64]
const mostReadings = 400

/**
 * Everything in a request's headers that may be a signature: as the scheme says first, then the same header read in other
 * ways (another encoding, prefix, quotes, one of several), then other headers.
 */
export function signatureReadings(scheme: SigningScheme, headers: RawHeaders): SignatureReading[] {
  const names = namesOf(scheme, headers)
  const asSaid = strictReadings(scheme, headers, names[0] ?? '')
  const loose: SignatureReading[] = []
  for (const isOwn of [true, false]) {
    for (let index = 0; index < headers.length; index += 2) {
      const name = (headers[index] as string).toLowerCase()
      if (names.includes(name) !== isOwn) continue
      loose.push(...looseReadings(scheme, headers, index, isOwn ? null : (scheme.header.names[0] as string)))
    }
  }
  const sorted = loose.sort((left, right) => left.findings.length - right.findings.length)
  return firstOfEach([...asSaid, ...sorted], ({ bytes }) => bytes.toString('latin1')).slice(0, mostReadings)
}

/** The names under which the scheme's signatures came, the numbered ones spelled out. */
function namesOf({ header: { names } }: SigningScheme, headers: RawHeaders): string[] {
  const all = names.flatMap(name =>
    name.includes('{n}') ? Array.from({ length: 9 }, (_, index) => name.replace('{n}', String(index + 1))) : [name],
  )
  return all.filter(name => headerCount(headers, name) > 0)
}

function strictReadings(scheme: SigningScheme, headers: RawHeaders, name: string): SignatureReading[] {
  const given = readSignatures(scheme.header, headers)
  if ('reason' in given) return []
  return given.signatures.flatMap(one => {
    const bytes = signatureBytes(one, scheme.encoding)
    return bytes ? [{ bytes, header: name, findings: [] }] : []
  })
}

function looseReadings(
  scheme: SigningScheme,
  headers: RawHeaders,
  index: number,
  wanted: string | null,
): SignatureReading[] {
  const header = headers[index] as string
  const text = headers[index + 1] as string
  const count = headerCount(headers, header)
  const place: Finding[] = []
  if (wanted !== null) place.push(proved('other-header', `the signature stands in header ${header}, not in ${wanted}`))
  else if (count > 1)
    place.push(proved('doubled-header', `header ${header} came ${count} times: ${whichOf(headers, index)} is right`))
  return candidatesIn(text).flatMap(({ before, signature, quoted }) =>
    decodings(signature).map(({ bytes, encoding }) => {
      const findings = [...place]
      if (encoding !== scheme.encoding) {
        findings.push(proved('encoding', `the signature is written in ${encoding}, ${scheme.encoding} is wanted`))
      }
      const prefix = prefixFinding(scheme, before)
      if (prefix) findings.push(prefix)
      if (quoted) findings.push(proved('quoted', 'the signature stands in quotes or brackets'))
      if (findings.length === 0) findings.push(proved('prefix', `header ${header} holds more than the signature`))
      return { bytes, header: header.toLowerCase(), findings }
    }),
  )
}

/** `the first`, `the second`: which of a doubled header stands there. */
function whichOf(headers: RawHeaders, index: number): string {
  const name = headers[index]?.toLowerCase()
  const before = headers.filter((one, at) => at % 2 === 0 && at < index && one.toLowerCase() === name).length
  return `the ${['first', 'second', 'third', 'fourth'][before] ?? `${before + 1}th`}`
}

function prefixFinding({ header: { prefix = '', list, words } }: SigningScheme, before: string): Finding | null {
  const wanted = list ? `${list.signature}=` : words ? `${words.version},` : prefix
  if (before.toLowerCase() === wanted.toLowerCase()) return null
  if (before === '') return proved('prefix', `the signature lacks the prefix ${wanted}`)
  return proved(
    'prefix',
    wanted === '' ? 'the signature has a prefix too many' : `the signature has another prefix than ${wanted}`,
  )
}

interface Candidate {
  before: string
  signature: string
  quoted: boolean
}

/** What in a header's text may be a signature, with what stands right before it. */
function candidatesIn(text: string): Candidate[] {
  const found: Candidate[] = []
  const pieces = text.slice(0, 4096).split(/[\s;]+|,(?=[A-Za-z]\w{0,20}=)/)
  const inside = pieces.flatMap(piece => (piece.includes(',') ? piece.split(',') : []))
  for (const piece of [...pieces, ...inside]) {
    const bare = piece.replace(/^["'<[(]+|["'>\]),]+$/g, '')
    const quoted = bare !== piece
    found.push({ before: '', signature: bare, quoted })
    const match = /^([A-Za-z][\w-]{0,30}[=,:])(.+)$/.exec(bare)
    if (match) {
      const [, before = '', rest = ''] = match
      const inner = rest.replace(/^["']+|["']+$/g, '')
      found.push({ before, signature: inner, quoted: quoted || inner !== rest })
    }
  }
  return found
}

function decodings(text: string): { bytes: Buffer; encoding: string }[] {
  const found: { bytes: Buffer; encoding: string }[] = []
  if (/^([0-9a-f]{2})+$/i.test(text)) found.push({ bytes: Buffer.from(text, 'hex'), encoding: 'hex' })
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    const bytes = Buffer.from(text, 'base64')
    const isPadded = bytes.toString('base64') === text
    found.push({ bytes, encoding: isPadded ? 'base64' : 'base64 without its padding' })
    const inner = bytes.toString('latin1')
    if (/^([0-9a-f]{2})+$/i.test(inner)) found.push({ bytes: Buffer.from(inner, 'hex'), encoding: 'base64 of hex' })
  }
  if (/^[A-Za-z0-9_-]+={0,2}$/.test(text) && /[_-]/.test(text)) {
    found.push({ bytes: Buffer.from(text, 'base64url'), encoding: 'base64url' })
  }
  if (/%[0-9A-F]{2}/i.test(text)) {
    try {
      const plain = decodeURIComponent(text)
      if (!plain.includes('%'))
        found.push(
          ...decodings(plain).map(({ bytes, encoding }) => ({ bytes, encoding: `percent-encoded ${encoding}` })),
        )
    } catch {
      // Not percent-encoded, then.
    }
  }
  return found.filter(({ bytes }) => lengths.includes(bytes.length))
}
