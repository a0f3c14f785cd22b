import { CommanderError } from 'commander'
import { exits } from '../core/errors.ts'
import { type Io, ReaderGone, type RealIoOptions, realIo, selfHere } from './io.ts'
import { makeProgram } from './program.ts'

/** Runs the command line and sets the process's exit code. The only place that maps errors to codes. */
export async function run(args: string[], versionOf: () => string): Promise<void> {
  let io: Io | undefined
  const program = makeProgram({
    versionOf,
    self: () => selfHere(process.env),
    context: options => {
      io ??= realIo(options)
      return io
    },
    done: code => {
      process.exitCode = code
    },
  })
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    process.exitCode = await exitCodeOf(error, io ?? realIo(optionsOf(args)))
  }
}

/** What of the global options can be known before (or without) a successful parse. */
function optionsOf(args: string[]): RealIoOptions {
  const output = args[args.indexOf('--output') + 1]
  return {
    ...(args.includes('--output') && output ? { output } : {}),
    color: !args.includes('--no-color'),
    debug: args.includes('--debug'),
    demo: args.includes('--demo'),
  }
}

async function exitCodeOf(error: unknown, io: Io): Promise<number> {
  if (error instanceof ReaderGone) return exits.done
  if (error instanceof CommanderError && error.exitCode === 0) return exits.done
  const { renderError } = await import('./render/error.ts')
  return renderError(io, error)
}
