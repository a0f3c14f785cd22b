import type { Io } from './io.ts'

/** A question to the person at the terminal. Only to be asked where `io.mayAsk`. */
export interface Question {
  message: string
  /** Taken where nothing is typed. */
  default?: string
  /** True, or what is wrong with an answer. */
  check?(answer: string): true | string
  mayBeEmpty?: boolean
}

/** Asks for a line. Ctrl-C ends the command. */
export async function askText(io: Io, { message, default: preset, check, mayBeEmpty }: Question): Promise<string> {
  const { input } = await import('@inquirer/prompts')
  const validate = (text: string): true | string =>
    check?.(text) ?? (mayBeEmpty || text.trim() !== '' || 'it is needed')
  return input({ message, validate, ...(preset === undefined ? {} : { default: preset }) }, terminalOf(io))
}

/**
 * Asks for a secret, which is not shown. The answer is taken as it is, blanks included; empty only where that may be.
 * `signal` ends the question, which then throws.
 */
export async function askSecret(io: Io, message: string, mayBeEmpty = false, signal?: AbortSignal): Promise<string> {
  const { password } = await import('@inquirer/prompts')
  const validate = (text: string): true | string => mayBeEmpty || text !== '' || 'it is needed'
  return password({ message, mask: '•', validate }, terminalOf(io, signal))
}

/** Asks which of several are meant; at least `least` of them. */
export async function askChoices<T>(
  io: Io,
  message: string,
  choices: { name: string; value: T; checked?: boolean }[],
  least = 1,
): Promise<T[]> {
  const { checkbox } = await import('@inquirer/prompts')
  const validate = (picked: readonly unknown[]): true | string =>
    picked.length >= least || 'Space picks one, Enter goes on'
  return checkbox({ message, choices, validate }, terminalOf(io))
}

/** Waits for Enter; `signal` ends the question, which then throws. */
export async function askEnter(io: Io, message: string, signal?: AbortSignal): Promise<void> {
  const { input } = await import('@inquirer/prompts')
  await input({ message }, terminalOf(io, signal))
}

/** Asks for yes or no. */
export async function askYes(io: Io, message: string, preset = false): Promise<boolean> {
  const { confirm } = await import('@inquirer/prompts')
  return confirm({ message, default: preset }, terminalOf(io))
}

function terminalOf(io: Io, ends?: AbortSignal): { input: Io['stdin']; output: Io['stderr']; signal: AbortSignal } {
  const signal = ends ? AbortSignal.any([io.stop.signal, ends]) : io.stop.signal
  return { input: io.stdin, output: io.stderr, signal }
}
