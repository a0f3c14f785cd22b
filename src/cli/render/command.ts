import type { Io } from '../io.ts'

/** What may follow `whs` where a command is meant, and not the program in a sentence. */
export const commandWords = (
  'api demo setup app connect links tenants activate deactivate activations ' +
  'listen events catchup explain inspect replay trigger wait simulate providers env status doctor completion ' +
  'verify backup restore prune'
).split(' ')
const called = new RegExp(`(^|(?<!\\bnpx)[\\s("'\`])whs (?=(?:--demo|--help|${commandWords.join('|')})(?![a-z]))`, 'g')

/** A command as it works where the person is: `whs replay …` → `npx whs replay …` in a clone. Other text stays. */
export function command(io: Pick<Io, 'self'>, text: string): string {
  return text.replace(called, `$1${io.self} `)
}
