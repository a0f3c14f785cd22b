import { Buffer } from 'node:buffer'
import { scanJson } from './json-scan.ts'

/** How a serialiser lays JSON out: `indent` is one step of indentation, absent where all stands in one line. */
export interface JsonLayout {
  comma: string
  colon: string
  indent?: string
}

/** How a serialiser escapes text. `keep`: as it is written. */
export type JsonEscapes = 'keep' | 'raw' | 'ascii' | 'ascii-upper' | 'slashes' | 'ascii-slashes' | 'html' | 'ascii-html'

const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/gs

/**
 * The same JSON text laid out and escaped in another way. Only blanks and escapes change: numbers, the order of keys and
 * doubled keys stay. Undefined where the text is no JSON.
 */
export function layJson(bytes: Buffer, layout: JsonLayout | null, escapes: JsonEscapes): Buffer | undefined {
  if ('fault' in scanJson(bytes)) return undefined
  const text = bytes.toString()
  if (layout === null) return Buffer.from(text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"/gs, one => escaped(one, escapes)))
  const pieces = text.replace(/^\ufeff/, '').match(token) ?? []
  let depth = 0
  let made = ''
  const line = (): string => (layout.indent === undefined ? '' : `\n${layout.indent.repeat(depth)}`)
  for (const [index, piece] of pieces.entries()) {
    const isOpen = piece === '{' || piece === '['
    const isClose = piece === '}' || piece === ']'
    const isEmpty = isOpen ? /[}\]]/.test(pieces[index + 1] ?? '') : /[{[]/.test(pieces[index - 1] ?? '')
    if (isOpen) depth++
    if (isClose) depth--
    if (isOpen) made += isEmpty ? piece : piece + line()
    else if (isClose) made += isEmpty ? piece : line() + piece
    else if (piece === ',') made += layout.indent === undefined ? layout.comma : `,${line()}`
    else made += piece === ':' ? layout.colon : escaped(piece, escapes)
  }
  return Buffer.from(made)
}

/** A string token escaped in another way; control characters, quotes and backslashes stay escaped. */
function escaped(piece: string, escapes: JsonEscapes): string {
  if (escapes === 'keep' || !piece.startsWith('"')) return piece
  const upper = escapes === 'ascii-upper' || escapes === 'ascii-html'
  const plain = piece.replace(/\\(u[0-9a-fA-F]{4}|.)/gs, (whole, what: string) => {
    if (what === '/') return '/'
    if (!what.startsWith('u')) return whole
    const code = Number.parseInt(what.slice(1), 16)
    return code < 0x20 || code === 0x22 || code === 0x5c || code === 0x7f ? whole : String.fromCharCode(code)
  })
  let made = plain
  if (escapes === 'html') made = made.replace(/[<>&\u2028\u2029]/g, one => spelled(one, upper))
  if (escapes === 'ascii-html') made = made.replace(/[<>&'+`]/g, one => spelled(one, upper))
  if (escapes === 'slashes' || escapes === 'ascii-slashes') made = made.replaceAll('/', '\\/')
  return escapes.startsWith('ascii') ? made.replace(/[\u0080-\uffff]/g, one => spelled(one, upper)) : made
}

function spelled(char: string, upper: boolean): string {
  const code = char.charCodeAt(0).toString(16).padStart(4, '0')
  return `\\u${upper ? code.toUpperCase() : code}`
}
