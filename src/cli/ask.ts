import type { Io } from './io.ts'

/** A question to the person at the terminal. Only to be asked where `io.mayAsk`. */
export interface Question {
  message: string
  /** Taken where nothing is typed. */
  default?: string
  /** True, or what is wrong with an answer. */
  check?(answer: string): true | string
}

/** Asks for a line. Ctrl-C ends the command. */
export async function askText(io: Io, { message, default: preset, check }: Question): Promise<string> {
  const { input } = await import('@inquirer/prompts')
  const validate = (text: string): true | string => check?.(text) ?? (text.trim() !== '' || 'it is needed')
  return input({ message, validate, ...(preset === undefined ? {} : { default: preset }) }, terminalOf(io))
}

/** Asks for a secret, which is not shown. The answer is taken as it is, blanks included. */
export async function askSecret(io: Io, message: string): Promise<string> {
  const { password } = await import('@inquirer/prompts')
  return password({ message, mask: '•', validate: text => text !== '' || 'it is needed' }, terminalOf(io))
}

/** Waits for Enter. */
export async function askEnter(io: Io, message: string): Promise<void> {
  const { input } = await import('@inquirer/prompts')
  await input({ message }, terminalOf(io))
}

/** Asks for yes or no. */
export async function askYes(io: Io, message: string, preset = false): Promise<boolean> {
  const { confirm } = await import('@inquirer/prompts')
  return confirm({ message, default: preset }, terminalOf(io))
}

function terminalOf(io: Io): { input: Io['stdin']; output: Io['stderr']; signal: AbortSignal } {
  return { input: io.stdin, output: io.stderr, signal: io.stop.signal }
}
