import { type Buffer, isUtf8 } from 'node:buffer'

/** What stands at a node. An escaped string is told apart, so that plain ones can be compared as bytes. */
export const kinds = { object: 1, array: 2, string: 3, escaped: 4, number: 5, true: 6, false: 7, null: 8 } as const

/**
 * A JSON text scanned once: every value with the place of its bytes. Values are read, cut and replaced by place, so
 * that big integers, key order and doubled keys survive; nothing is ever serialised again.
 * Node 0 is the root. In an object, key and value nodes alternate.
 */
export interface JsonDoc {
  bytes: Buffer
  kind: number[]
  start: number[]
  /** Exclusive. */
  end: number[]
  /** The node behind this one's subtree. */
  next: number[]
}

export interface JsonFault {
  fault: string
  at: number
}

const maxNodes = 2_000_000
const quote = 0x22
const backslash = 0x5c

/**
 * Scans a whole JSON text (RFC 8259, a leading byte order mark is allowed). Never throws: what is not JSON, is not
 * UTF-8, is nested deeper than `maxDepth` or has more than two million values comes back as a fault with its offset.
 */
export function scanJson(bytes: Buffer, maxDepth = 1000): JsonDoc | JsonFault {
  if (!isUtf8(bytes)) return { fault: 'the body is not UTF-8', at: 0 }
  const kind: number[] = []
  const starts: number[] = []
  const ends: number[] = []
  const next: number[] = []
  const length = bytes.length
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  let fault: JsonFault | undefined

  function fail(reason: string): false {
    fault ??= { fault: reason, at }
    return false
  }

  function blanks(): void {
    while (at < length) {
      const byte = bytes[at]
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return
      at++
    }
  }

  function open(what: number): number {
    kind.push(what)
    starts.push(at)
    ends.push(0)
    next.push(0)
    return kind.length - 1
  }

  function close(node: number): true {
    ends[node] = at
    next[node] = kind.length
    return true
  }

  function string(): boolean {
    const node = open(kinds.string)
    at++
    while (at < length) {
      const byte = bytes[at] as number
      if (byte === quote) {
        at++
        return close(node)
      }
      if (byte < 0x20) return fail('a control character inside a string')
      if (byte === backslash) {
        kind[node] = kinds.escaped
        if (!escape()) return false
      } else at++
    }
    return fail('a string that does not end')
  }

  function escape(): boolean {
    const letter = bytes[at + 1]
    if (letter === 0x75) {
      for (let digit = at + 2; digit < at + 6; digit++) if (!isHex(bytes[digit])) return fail('a broken \\u escape')
      at += 6
      return true
    }
    if (letter === undefined || !'"\\/bfnrt'.includes(String.fromCharCode(letter))) return fail('an unknown escape')
    at += 2
    return true
  }

  function digits(): boolean {
    const from = at
    while (isDigit(bytes[at])) at++
    return at > from || fail('a number without digits')
  }

  function number(): boolean {
    const node = open(kinds.number)
    if (bytes[at] === 0x2d) at++
    if (bytes[at] === 0x30) at++
    else if (!digits()) return false
    if (bytes[at] === 0x2e) {
      at++
      if (!digits()) return false
    }
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      at++
      if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++
      if (!digits()) return false
    }
    return close(node)
  }

  function word(text: string, what: number): boolean {
    if (bytes.toString('latin1', at, at + text.length) !== text) return fail('an unknown word')
    const node = open(what)
    at += text.length
    return close(node)
  }

  function members(node: number, depth: number, closing: number, isObject: boolean): boolean {
    at++
    blanks()
    if (bytes[at] === closing) {
      at++
      return close(node)
    }
    for (;;) {
      blanks()
      if (isObject) {
        if (bytes[at] !== quote) return fail('a key that is not a string')
        if (!string()) return false
        blanks()
        if (bytes[at] !== 0x3a) return fail('a colon is missing')
        at++
      }
      if (!value(depth)) return false
      blanks()
      const byte = bytes[at]
      at++
      if (byte === closing) return close(node)
      if (byte !== 0x2c) {
        at--
        return fail('a comma or the end is missing')
      }
    }
  }

  function value(depth: number): boolean {
    blanks()
    if (kind.length >= maxNodes) return fail('more than two million values')
    const byte = bytes[at]
    if (byte === quote) return string()
    if (byte === 0x7b || byte === 0x5b) {
      if (depth >= maxDepth) return fail(`nested deeper than ${maxDepth}`)
      const isObject = byte === 0x7b
      const node = open(isObject ? kinds.object : kinds.array)
      return members(node, depth + 1, isObject ? 0x7d : 0x5d, isObject)
    }
    if (byte === 0x74) return word('true', kinds.true)
    if (byte === 0x66) return word('false', kinds.false)
    if (byte === 0x6e) return word('null', kinds.null)
    if (byte === 0x2d || isDigit(byte)) return number()
    return fail(byte === undefined ? 'it ends too early' : 'no value begins like this')
  }

  if (!value(0)) return fault as JsonFault
  blanks()
  if (at < length) return { fault: 'something follows the value', at }
  return { bytes, kind, start: starts, end: ends, next }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

function isHex(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
}

/** The value of a key, or -1. Of doubled keys the last wins, as in every parser that handlers use. */
export function member(doc: JsonDoc, object: number, key: Buffer): number {
  let found = -1
  if (doc.kind[object] !== kinds.object) return found
  const end = doc.next[object] as number
  for (let node = object + 1; node < end; node = doc.next[node + 1] as number) {
    if (isKey(doc, node, key)) found = node + 1
  }
  return found
}

/** Whether a node of an object is this key, however it is escaped. */
export function isKey(doc: JsonDoc, node: number, key: Buffer): boolean {
  const from = (doc.start[node] as number) + 1
  const to = (doc.end[node] as number) - 1
  if (doc.kind[node] === kinds.escaped) return stringAt(doc, node) === key.toString()
  if (to - from !== key.length) return false
  for (let index = 0; index < key.length; index++) if (doc.bytes[from + index] !== key[index]) return false
  return true
}

/** The elements of an array, in order; of anything else, none. */
export function elements(doc: JsonDoc, array: number): number[] {
  const found: number[] = []
  if (doc.kind[array] !== kinds.array) return found
  const end = doc.next[array] as number
  for (let node = array + 1; node < end; node = doc.next[node] as number) found.push(node)
  return found
}

/** The bytes of a node as they stand in the text. */
export function rawAt(doc: JsonDoc, node: number): string {
  return doc.bytes.toString('utf8', doc.start[node], doc.end[node])
}

/** A string's value, decoded. */
function stringAt(doc: JsonDoc, node: number): string {
  if (doc.kind[node] === kinds.escaped) return JSON.parse(rawAt(doc, node)) as string
  return doc.bytes.toString('utf8', (doc.start[node] as number) + 1, (doc.end[node] as number) - 1)
}

/** A scalar as text: strings decoded, numbers as they are written. Undefined for null, objects and arrays. */
export function scalarAt(doc: JsonDoc, node: number): string | undefined {
  const kind = doc.kind[node]
  if (kind === kinds.string || kind === kinds.escaped) return stringAt(doc, node)
  if (kind === kinds.number || kind === kinds.true || kind === kinds.false) return rawAt(doc, node)
  return undefined
}

/** A JSON text on one line, with nothing but the blanks between its values taken away. */
export function oneLine(json: string): string {
  let inString = false
  return json.replace(/\\.|"|[\n\r\t ]+/g, piece => {
    if (piece === '"') inString = !inString
    return inString || /\S/.test(piece) ? piece : ''
  })
}
