import { safeText } from '../../core/text.ts'
import type { Io } from '../io.ts'

/** What may follow `whs` where a command is meant, and not the program in a sentence. */
export const commandWords = (
  'demo setup app connect links tenants activate deactivate activations ' +
  'listen events explain replay trigger wait simulate providers env status doctor completion verify backup restore prune'
).split(' ')
const called = new RegExp(`(^|[\\s(])whs (?=(?:--demo|--help|${commandWords.join('|')})(?![a-z]))`, 'g')

/** A command as it works where the person is: `whs replay …` → `npx whs replay …` in a clone. Other text stays. */
export function command(io: Pick<Io, 'self'>, text: string): string {
  return text.replace(called, `$1${io.self} `)
}

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
