import { Buffer } from 'node:buffer'
import { filterHeaders, header, headerCount, type RawHeaders, setHeader } from './headers.ts'
import type { SignatureHeader } from './webhook-definition.ts'

/** What a signature header says: signatures as they are written, and the time of its list. */
export interface GivenSignatures {
  signatures: string[]
  time: string | null
}
export type HeaderFault = { reason: 'missing-header' | 'doubled-header' | 'malformed-header'; detail: string }

const mostNumbered = 100
const mostSignatures = 100

/** Reads the signatures of a delivery. A header that came twice never passes, whichever of the two would be right. */
export function readSignatures(layout: SignatureHeader, headers: RawHeaders): GivenSignatures | HeaderFault {
  const given = layout.names.flatMap(name => valuesOf(name, headers))
  const named = layout.names.map(name => name.replace('{n}', '1')).join(' or ')
  const doubled = given.find(({ count }) => count > 1)
  if (doubled) return { reason: 'doubled-header', detail: `header ${doubled.name} came ${doubled.count} times` }
  const present = given.filter(({ text }) => text !== '')
  const [first] = present
  if (!first) return { reason: 'missing-header', detail: `header ${named} is missing` }
  const numbered = first.name !== layout.names.find(name => name === first.name)
  const read = (numbered ? present : [first]).map(({ text }) => readOne(layout, text))
  const signatures = read.flatMap(one => one.signatures).slice(0, mostSignatures)
  if (signatures.length > 0) return { signatures, time: read[0]?.time ?? null }
  return { reason: 'malformed-header', detail: `header ${first.name} does not look like ${shown(layout)}` }
}

/** The header by that name, or those that are numbered from 1 without a gap. */
function valuesOf(name: string, headers: RawHeaders): { name: string; text: string; count: number }[] {
  const one = (wanted: string) => {
    const count = headerCount(headers, wanted)
    return count === 0 ? [] : [{ name: wanted, text: (header(headers, wanted) as string).trim(), count }]
  }
  if (!name.includes('{n}')) return one(name)
  const found: { name: string; text: string; count: number }[] = []
  for (let number = 1; number <= mostNumbered; number++) {
    const next = one(name.replace('{n}', String(number)))
    if (next.length === 0) break
    found.push(...next)
  }
  return found
}

function readOne({ prefix = '', list, words }: SignatureHeader, text: string): GivenSignatures {
  if (list) {
    const pairs = text.split(',').map(pair => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()]
    })
    const all = (name: string | undefined): string[] =>
      pairs.filter(([key, value]) => key === name && value !== '').map(([, value]) => value as string)
    return { signatures: all(list.signature), time: all(list.time)[0] ?? null }
  }
  if (words) {
    const start = `${words.version},`
    const found = text.split(' ').filter(word => word.startsWith(start) && word.length > start.length)
    return { signatures: found.map(word => word.slice(start.length)), time: null }
  }
  if (!text.toLowerCase().startsWith(prefix.toLowerCase()) || text.length === prefix.length) {
    return { signatures: [], time: null }
  }
  return { signatures: [text.slice(prefix.length)], time: null }
}

/** The bytes of a written signature. Decoders pass over what is no digit: undefined unless they would be written so again. */
export function signatureBytes(text: string, encoding: 'base64' | 'hex'): Buffer | undefined {
  const bytes = Buffer.from(text, encoding)
  return bytes.toString(encoding) === (encoding === 'hex' ? text.toLowerCase() : text) ? bytes : undefined
}

function shown({ prefix, list, words }: SignatureHeader): string {
  if (list) return `${list.time ? `${list.time}=…,` : ''}${list.signature}=…`
  return words ? `${words.version},…` : `${prefix ?? ''}…`
}

/** The headers with one signature of ours in place of all that stood there. */
export function writeSignature(
  layout: SignatureHeader,
  headers: RawHeaders,
  { signature, time }: { signature: string; time: string | null },
): RawHeaders {
  const { names, prefix = '', list, words } = layout
  const numbered = names.find(name => name.includes('{n}'))
  const present = names.find(name => headerCount(headers, name) > 0)
  const name = present ?? (names[0] as string).replace('{n}', '1')
  const text = list
    ? `${list.time && time !== null ? `${list.time}=${time},` : ''}${list.signature}=${signature}`
    : `${words ? `${words.version},` : prefix}${signature}`
  return setHeader(numbered ? withoutNumbered(headers, numbered) : headers, name, text)
}

function withoutNumbered(headers: RawHeaders, name: string): RawHeaders {
  const [before = '', behind = ''] = name.toLowerCase().split('{n}')
  return filterHeaders(headers, one => {
    const number = one.slice(before.length, one.length - behind.length)
    return !(one.startsWith(before) && one.endsWith(behind) && /^[2-9]$|^\d\d+$/.test(number))
  })
}
