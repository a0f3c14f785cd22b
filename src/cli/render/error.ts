import { CommanderError } from 'commander'
import { exits, WhsError } from '../../core/errors.ts'
import { safeText } from '../../core/text.ts'
import type { Io } from '../io.ts'
import { command } from './command.ts'
import { makePaint } from './paint.ts'
import { wrap } from './wrap.ts'

/** Prints a failure (what happened, why, what to type next) and returns its exit code. */
export function renderError(io: Io, error: unknown): number {
  if (isPromptEnd(error)) return io.stop.exit || exits.interrupted
  if (error instanceof CommanderError) return usageError(io, error)
  const { exit, code, ...parts } = partsOf(error)
  const [what = '', why, next] = [parts.what, parts.why, parts.next].map(text => text && command(io, text))
  if (io.output === 'json') {
    io.note(
      JSON.stringify({
        type: 'error',
        at: new Date(io.now()).toISOString(),
        code,
        exit,
        what,
        why,
        next,
      }),
    )
  } else {
    const paint = makePaint(io.color && io.isTty.err)
    const prose = (line: string): void => io.note(io.isTty.err ? wrap(line, io.columns, 7) : line)
    prose(`${paint.bad('error')}  ${safeText(what)}`)
    if (why) prose(`why    ${safeText(why)}`)
    if (next) io.note(`next   ${paint.strong(safeText(next))}`)
  }
  if (io.debug && error instanceof Error) io.note(error.stack ?? '')
  return exit
}

interface ErrorParts {
  what: string
  why?: string | undefined
  next?: string | undefined
  exit: number
  code: string
}

function partsOf(error: unknown): ErrorParts {
  if (error instanceof WhsError) {
    return { what: error.message, why: error.why, next: error.next, exit: error.exit, code: error.code }
  }
  const { message, code } = error as { message?: string; code?: string }
  return {
    what: `something unexpected happened: ${message ?? String(error)}`,
    why: code ? `it is a fault of whs (${code})` : 'it is a fault of whs',
    next: 'the same command with --debug shows where',
    exit: exits.fault,
    code: 'fault',
  }
}

/** Commander has printed the help of a group already. */
function usageError(io: Io, error: CommanderError): number {
  if (error.exitCode === 0) return exits.done
  if (io.debug) io.note(error.stack ?? '')
  return exits.usage
}

/** Ctrl-C at a question. */
function isPromptEnd(error: unknown): boolean {
  return error instanceof Error && (error.name === 'ExitPromptError' || error.name === 'AbortPromptError')
}
