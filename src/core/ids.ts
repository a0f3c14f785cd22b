import { createHash } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

export type IdKind = 'dlv' | 'evt' | 'con' | 'lnk' | 'act'

/**
 * An id such as `evt_01JB2…`: 10 characters of time (milliseconds) and 16 of randomness in Crockford's base 32, as in
 * ULID. Time-ordered for people; nothing sorts by it. `random` are at least 10 bytes.
 */
export function makeId(kind: IdKind, atMs: number, random: Uint8Array): string {
  return `${kind}_${letters(atMs, 10)}${lettersOf(random)}`
}

/** The ids of the rows of one table: made of a row's number and time alone, so that neither they nor an index are stored. */
export interface RowIds {
  /** Ten letters of time, ten that are the store's own, and six that are the number, mixed. */
  idOf(seq: number, atMs: number): string
  /** The numbers up to `newest` whose ids may end like this, newest first. */
  seqsOf(end: string, newest: number): number[]
}

/** The letters at the end of an id that text shows. They are a permutation of the number's last 30 bits. */
const shownLetters = 6
const numbers = 2 ** 30

/** The ids of a table. `salt` is the store's own, so that two stores do not give the same ids. */
export function rowIds(kind: IdKind, table: string, salt: string): RowIds {
  const hash = createHash('sha256').update(`${salt} ${table}`).digest()
  const own = lettersOf(hash).slice(0, 10)
  const keys = [16, 20, 24, 28].map(at => hash.readUInt32LE(at))
  const start = `${kind}_`
  return {
    idOf: (seq, atMs) => start + letters(atMs, 10) + own + letters(mixed(seq % numbers, keys), shownLetters),
    seqsOf(end, newest) {
      const known = end.slice(-shownLetters)
      if ([...known].some(letter => !alphabet.includes(letter))) return []
      const step = 32 ** known.length
      const found: number[] = []
      for (let value = valueOf(known); value < numbers; value += step) {
        for (let seq = unmixed(value, keys); seq <= newest; seq += numbers) if (seq > 0) found.push(seq)
      }
      return found.sort((left, right) => right - left)
    },
  }
}

/** A Feistel network over two halves of 15 bits: whatever its rounds do, it is a permutation. */
function mixed(value: number, keys: number[]): number {
  let left = value >>> 15
  let right = value & 0x7fff
  for (const key of keys) [left, right] = [right, left ^ round(right, key)]
  return left * 0x8000 + right
}

function unmixed(value: number, keys: number[]): number {
  let left = value >>> 15
  let right = value & 0x7fff
  for (const key of keys.toReversed()) [left, right] = [right ^ round(left, key), left]
  return left * 0x8000 + right
}

function round(half: number, key: number): number {
  const product = Math.imul(half ^ key, 0x9e3779b1)
  return Math.imul(product ^ (product >>> 15), 0x85ebca6b) >>> 17
}

/** The last so many digits of a number in base 32. */
function letters(number: number, count: number): string {
  let text = ''
  let left = number
  for (let index = 0; index < count; index++) {
    text = alphabet[left % 32] + text
    left = Math.floor(left / 32)
  }
  return text
}

/** The first ten bytes as 16 digits in base 32. */
function lettersOf(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes.subarray(0, 10)) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet[(held >> bits) & 31]
    }
  }
  return text
}

function valueOf(text: string): number {
  let value = 0
  for (const letter of text) value = value * 32 + alphabet.indexOf(letter)
  return value
}

/** What a person typed for an id, in the alphabet's spelling: capitals, `O` as `0`, `I` and `L` as `1`. */
export function spellId(text: string): { kind: IdKind | undefined; end: string } {
  const match = /^(?:(dlv|evt|con|lnk|act)_)?(.*)$/is.exec(text.trim()) as RegExpExecArray
  const end = (match[2] as string).toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  return { kind: match[1]?.toLowerCase() as IdKind | undefined, end }
}
