import { stripVTControlCharacters } from 'node:util'

/**
 * A line as lines that fit a terminal: broken at blanks, and indented like its beginning or by `indent`. What holds no
 * blank, such as a URL, stays whole. Not for commands: a broken one cannot be copied.
 */
export function wrap(line: string, columns: number, indent?: number): string {
  if (widthOf(line) <= columns) return line
  const lead = /^ */.exec(stripVTControlCharacters(line))?.[0] ?? ''
  const [first = '', ...words] = line.split(/(?<=\S) /)
  const rows: string[] = []
  let row = first
  for (const word of words) {
    const longer = `${row} ${word}`
    if (widthOf(longer.trimEnd()) <= columns) {
      row = longer
      continue
    }
    rows.push(row.trimEnd())
    row = (indent === undefined ? lead : ' '.repeat(indent)) + word.trimStart()
  }
  return [...rows, row].join('\n')
}

/** Pieces in lines that fit a terminal, with ` · ` between; none is broken. */
export function packed(pieces: string[], columns: number, indent: string): string[] {
  const lines: string[] = []
  for (const piece of pieces) {
    const longer = `${lines.at(-1)} · ${piece}`
    if (lines.length > 0 && widthOf(longer) <= columns) lines[lines.length - 1] = longer
    else lines.push(indent + piece)
  }
  return lines
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length
}
