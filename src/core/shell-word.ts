import { safeText } from './text.ts'

/**
 * A value as an unquoted shell would take it whole. What may not meet a terminal is spelled by its number, in the
 * `$'…'` form of bash, zsh and ksh.
 */
export function shellWord(text: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(text)) return text
  if (safeText(text) === text) return `'${text.replaceAll("'", `'\\''`)}'`
  return `$'${Array.from(text, spelled).join('')}'`
}

function spelled(char: string): string {
  if (char === "'" || char === '\\') return `\\${char}`
  if (safeText(char) === char) return char
  const code = (char.codePointAt(0) as number).toString(16)
  return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`
}
