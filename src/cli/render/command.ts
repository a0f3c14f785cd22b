import type { Io } from '../io.ts'

/** A command as it works where the person is: `whs replay …` → `npx whs replay …` in a clone. Other text stays. */
export function command(io: Pick<Io, 'self'>, text: string): string {
  return text.replace(/(^|\s)whs (?=[a-z-])/g, `$1${io.self} `)
}

/** A value as an unquoted shell would take it whole. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
