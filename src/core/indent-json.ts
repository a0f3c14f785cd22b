/** JSON indented for reading by moving blanks alone: numbers, escapes and doubled keys stay as they are written. */
export function indentJson(text: string): string {
  let depth = 0
  let inString = false
  return text.replace(/\\.|"|[{[]\s*[}\]]|[{[]|[}\]]|,|:|\s+/g, piece => {
    if (piece === '"') inString = !inString
    if (inString || piece === '"' || piece.startsWith('\\')) return piece
    if (/^\s+$/.test(piece)) return ''
    if (piece.length > 1) return piece.replace(/\s/g, '')
    if (piece === ':') return ': '
    if (piece === ',') return `,\n${'  '.repeat(depth)}`
    if (piece === '{' || piece === '[') return `${piece}\n${'  '.repeat(++depth)}`
    depth = Math.max(0, depth - 1)
    return `\n${'  '.repeat(depth)}${piece}`
  })
}
