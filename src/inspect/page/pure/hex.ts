/** A line of a hex dump: offset, sixteen bytes, and what of them is printable ASCII. */
export interface HexLine {
  offset: string
  bytes: string
  text: string
}

/** Bytes in lines of sixteen, so many lines at most; `base`: the place of the first byte in something longer. */
export function hexLines(bytes: Uint8Array, most = Number.POSITIVE_INFINITY, base = 0): HexLine[] {
  const lines: HexLine[] = []
  const last = Math.min(most, Math.ceil(bytes.length / 16))
  for (let line = 0; line < last; line++) {
    const part = bytes.subarray(line * 16, line * 16 + 16)
    const pairs = [...part].map(byte => byte.toString(16).padStart(2, '0'))
    lines.push({
      offset: (base + line * 16).toString(16).padStart(8, '0'),
      bytes: `${pairs.slice(0, 8).join(' ')}${pairs.length > 8 ? `  ${pairs.slice(8).join(' ')}` : ''}`,
      text: [...part].map(byte => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.')).join(''),
    })
  }
  return lines
}

/** The bytes of a base64. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), character => character.charCodeAt(0))
}

/** A text's UTF-8 bytes as base64. */
export function toBase64(text: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}
