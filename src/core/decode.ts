import { Buffer, isUtf8 } from 'node:buffer'
import { header, type RawHeaders } from './headers.ts'
import { type JsonDoc, scanJson } from './json-scan.ts'
import { clip } from './text.ts'
import type { Decoder } from './webhook-definition.ts'

/**
 * A body as a JSON document. `exact` says that its places are places in the body, so that it can be split and cut; a
 * form is one item that is the whole body.
 */
export type Decoded = DecodedBody | { fault: string }
export interface DecodedBody {
  doc: JsonDoc
  exact: boolean
  by: Decoder
}

const maxFields = 10_000
const blank = Buffer.from('{}')

/** Reads a body by the first decoder that fits its content type and fields. Never throws. */
export function decodeBody(decoders: Decoder[], { headers, body }: { headers: RawHeaders; body: Buffer }): Decoded {
  const encoding = header(headers, 'content-encoding')
  if (encoding && encoding.toLowerCase() !== 'identity') {
    return { fault: `the body is ${clip(encoding, 40)}-encoded, which was not announced` }
  }
  const isForm = isFormType(header(headers, 'content-type'))
  for (const decoder of decoders) {
    if (decoder === 'empty') {
      if (body.length === 0) return docOf(blank, decoder)
    } else if (decoder === 'json') {
      if (!isForm) return docOf(body, decoder)
    } else if (isForm && isUtf8(body)) {
      const fields = new URLSearchParams(body.toString())
      if (decoder === 'form') return formDoc(fields)
      const inside = fields.getAll(decoder.jsonField).at(-1)
      if (inside !== undefined) return docOf(Buffer.from(inside), decoder)
    }
  }
  return { fault: isForm ? 'it is a form that cannot be read' : 'nothing is known that could read this body' }
}

/** Whether a content type is that of an HTML form. */
export function isFormType(type: string | undefined): boolean {
  return type?.split(';')[0]?.trim().toLowerCase() === 'application/x-www-form-urlencoded'
}

function docOf(bytes: Buffer, by: Decoder): Decoded {
  const doc = scanJson(bytes)
  return 'fault' in doc ? { fault: `not JSON: ${doc.fault}, at byte ${doc.at}` } : { doc, exact: by === 'json', by }
}

function formDoc(fields: URLSearchParams): Decoded {
  if (fields.size > maxFields) return { fault: `a form with more than ${maxFields} fields` }
  return docOf(Buffer.from(JSON.stringify(formObject(fields))), 'form')
}

type Branch = Map<string, Branch | string>

/**
 * Form fields as one object of texts: `data[merges][FNAME]=A` is `data.merges.FNAME` (as PHP writes them); of doubled
 * names the last counts, and a name that is broken stays as it is written.
 */
function formObject(fields: URLSearchParams): unknown {
  const root: Branch = new Map()
  for (const [name, value] of fields) {
    const keys = formKeys(name)
    let at = root
    for (const key of keys.slice(0, -1)) {
      const below = at.get(key)
      const next: Branch = below instanceof Map ? below : new Map()
      if (next !== below) at.set(key, next)
      at = next
    }
    at.set(keys.at(-1) as string, value)
  }
  return objectOf(root)
}

const maxDepth = 20
const longestName = 4096

/** The keys that a field's name stands for; a name that is broken is one key. */
export function formKeys(name: string): string[] {
  // The pattern's memory grows with the name, up to where it throws.
  const match = name.length > longestName ? null : /^([^[\]]+)((?:\[[^[\]]*\])+)$/.exec(name)
  if (!match) return [name]
  const keys = [match[1] as string, ...(match[2] as string).slice(1, -1).split('][')]
  return keys.length > maxDepth ? [name] : keys
}

/** By way of entries, since a field may be called `__proto__`. */
function objectOf(branch: Branch): unknown {
  return Object.fromEntries(
    [...branch].map(([key, value]) => [key, typeof value === 'string' ? value : objectOf(value)]),
  )
}
