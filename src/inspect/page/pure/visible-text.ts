/** A piece of a text as it is shown: plain, or one character that would not be seen, or would move others, as its escape. */
export interface Piece {
  text: string
  escaped: boolean
}

/** Control, bidirectional, invisible and unpaired characters; line feed and tab are left to the caller. */
const hidden =
  // oxlint-disable-next-line no-control-regex -- these are the characters to be shown
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\u034f|\udb40[\udc00-\udfff]/g
// oxlint-disable-next-line no-control-regex -- a line feed and a tab, where a text has one line
const breaks = /[\t\n]/

/**
 * A text in pieces, with every character that has no look of its own as an escape (`\u202E`), so that a payload can neither
 * hide anything nor turn the reading order (Unicode TR36). `lines`: line feeds and tabs stay as they are.
 */
export function visiblePieces(text: string, { lines = false } = {}): Piece[] {
  const pieces: Piece[] = []
  let done = 0
  hidden.lastIndex = 0
  for (let match = hidden.exec(text); match; match = hidden.exec(text)) {
    plain(pieces, text.slice(done, match.index), lines)
    pieces.push({ text: escapeOf(match[0]), escaped: true })
    done = match.index + match[0].length
  }
  plain(pieces, text.slice(done), lines)
  return pieces
}

function plain(pieces: Piece[], text: string, lines: boolean): void {
  if (text === '') return
  if (lines || !breaks.test(text)) pieces.push({ text, escaped: false })
  else
    for (const part of text.split(/([\t\n])/)) {
      if (part === '\n' || part === '\t') pieces.push({ text: escapeOf(part), escaped: true })
      else if (part !== '') pieces.push({ text: part, escaped: false })
    }
}

const short: Record<string, string> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\0': '\\0', '\u001b': '\\e' }

function escapeOf(character: string): string {
  const known = short[character]
  if (known !== undefined) return known
  const code = character.codePointAt(0) as number
  const hex = code.toString(16).toUpperCase()
  return code > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`
}

/** A JSON text with what could not be seen in its strings in JSON's own escapes: it says what it said before. */
export function escapedJson(text: string): string {
  return text.replace(hidden, (characters, at: number) => {
    const isBlank = characters === '\r' || (characters === '\ufeff' && at === 0)
    return isBlank ? characters : characters.split('').map(jsonEscape).join('')
  })
}

function jsonEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** The same as one text, for titles and labels. */
export function visibleText(text: string): string {
  return visiblePieces(text)
    .map(piece => piece.text)
    .join('')
}
