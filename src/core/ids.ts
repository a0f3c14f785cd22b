const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

export type IdKind = 'dlv' | 'evt' | 'con' | 'lnk' | 'act'

/**
 * An id such as `evt_01JB2…`: 10 characters of time (milliseconds) and 16 of randomness in Crockford's base 32, as in
 * ULID. Time-ordered for people; nothing sorts by it. `random` are at least 10 bytes.
 */
export function makeId(kind: IdKind, atMs: number, random: Uint8Array): string {
  let id = ''
  let time = atMs
  for (let index = 0; index < 10; index++) {
    id = alphabet[time % 32] + id
    time = Math.floor(time / 32)
  }
  let bits = 0
  let held = 0
  for (let index = 0; index < 10; index++) {
    held = (held << 8) | (random[index] as number)
    bits += 8
    while (bits >= 5) {
      bits -= 5
      id += alphabet[(held >> bits) & 31]
    }
  }
  return `${kind}_${id}`
}

/** The end of an id that text shows, and by which ids are indexed. */
export function tailOf(id: string): string {
  return id.slice(-6)
}

/** What a person typed for an id, in the alphabet's spelling: capitals, `O` as `0`, `I` and `L` as `1`. */
export function spellId(text: string): { kind: IdKind | undefined; end: string } {
  const match = /^(?:(dlv|evt|con|lnk|act)_)?(.*)$/is.exec(text.trim()) as RegExpExecArray
  const end = (match[2] as string).toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  return { kind: match[1]?.toLowerCase() as IdKind | undefined, end }
}
