/**
 * Where bytes of a text's UTF-8 form stand in the text, and back. Offsets that fall inside of a character count as its
 * beginning. `from`: the text begins at that byte of a longer one.
 */
export interface BytePlaces {
  toIndex(byte: number): number
}

export function bytePlaces(text: string, from = 0): BytePlaces {
  // oxlint-disable-next-line no-control-regex -- all of ASCII
  if (/^[\u0000-\u007f]*$/.test(text)) return { toIndex: byte => Math.max(0, Math.min(byte - from, text.length)) }
  const starts = new Uint32Array(text.length + 1)
  let byte = 0
  for (let index = 0; index < text.length; index++) {
    starts[index] = byte
    const code = text.charCodeAt(index)
    const isPair = code >= 0xd800 && code < 0xdc00 && /[\udc00-\udfff]/.test(text[index + 1] ?? '')
    if (isPair) {
      byte += 4
      index++
      starts[index] = byte
    } else byte += code < 0x80 ? 1 : code < 0x800 ? 2 : 3
  }
  starts[text.length] = byte
  return { toIndex: wanted => lastAtMost(starts, wanted - from) }
}

function lastAtMost(starts: Uint32Array, wanted: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] as number) <= wanted) low = middle
    else high = middle - 1
  }
  return low
}
