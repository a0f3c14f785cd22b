import { exits, WhsError } from '../core/errors.ts'
import { shellWord } from '../core/shell-word.ts'
import { askText } from './ask.ts'
import type { Io } from './io.ts'
import { command } from './render/command.ts'

/** What is about to be lost for good, and what a person must type for it. */
export interface Loss {
  name: string
  /** What `--confirm` was given. */
  typed: string | undefined
  /** What will be done, as `remove …`. */
  what: string
  /** The command that needs no question. */
  line: string
}

/**
 * Lets a person consent to a loss by typing its name, here or by `--confirm`; `--yes` never consents to one.
 * @throws WhsError `not-confirmed` (exit 2)
 */
export async function confirmByName(io: Io, { name, typed, what, line }: Loss): Promise<void> {
  if (typed === name) return
  if (typed !== undefined) throw notConfirmed(name, `--confirm says ${shellWord(typed)}`, line)
  if (!io.mayAsk) throw notConfirmed(name, '--yes never consents to a loss, and nobody can be asked', line)
  io.note(command(io, `This will ${what}.`))
  const answer = await askText(io, { message: `Type ${name} to do so, anything else to leave it:` })
  if (answer.trim() !== name) throw notConfirmed(name, 'that was not its name', line)
}

function notConfirmed(name: string, why: string, next: string): WhsError {
  const what = `${name} stays as it is`
  return new WhsError({ code: 'not-confirmed', exit: exits.usage, what, why, next })
}
