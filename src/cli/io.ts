import { EventEmitter } from 'node:events'
import { realpathSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { exits, WhsError } from '../core/errors.ts'
import { selfName } from './self-name.ts'

/** The terminal (or pipe) that a command talks to. Commands write nowhere else, so that tests can give a twin. */
export interface Io {
  /** Data. Resolves when the reader has taken it; a reader that is gone ends the command with exit 0. */
  out(line: string): Promise<void>
  /** Everything else: progress, hints, warnings. */
  note(line: string): void
  /** Bytes as they are, to stdout. */
  outBytes(bytes: Buffer): Promise<void>
  stdin: Readable
  /** Where questions are drawn. */
  stderr: Writable
  isTty: { in: boolean; out: boolean; err: boolean }
  columns: number
  color: boolean
  /** `text` or `json`; from --output, WHS_OUTPUT, else by whether stdout is a terminal. */
  output: 'text' | 'json'
  env: Record<string, string | undefined>
  cwd: string
  /** How this program is called here: `whs`, `npx whs` or `npx whs-cli`, with `--demo` where that holds. */
  self: string
  /** Never ask: --yes was given or stdin is no terminal. */
  mayAsk: boolean
  yes: boolean
  debug: boolean
  now(): number
  /** Fires when the person interrupts (130), the system terminates (143) or the terminal is closed (129). */
  stop: StopSignal
}

/** An abort signal that knows the exit code. */
export interface StopSignal {
  signal: AbortSignal
  exit: number
}

export interface RealIoOptions {
  output?: string
  color?: boolean
  yes?: boolean
  debug?: boolean
  demo?: boolean
}

/** Thrown out of `out` when the reader of a pipe has gone (`| head`). */
export class ReaderGone extends Error {}

function outputFailed(cause: Error): WhsError {
  return new WhsError({
    code: 'output-failed',
    exit: exits.fault,
    what: 'stdout cannot be written to',
    why: cause.message,
    next: 'free some disk space, or send the output elsewhere',
    cause,
  })
}

/** What a terminal's stream has inside; Node has no public name for it. */
interface TerminalStream {
  _handle?: { setBlocking?(isBlocking: boolean): void }
}

/** The real terminal of this process. */
export function realIo(options: RealIoOptions): Io {
  const { stdin, stdout, stderr } = process
  const env = takeSecrets(process.env)
  const over = new EventEmitter()
  let failure: Error | undefined
  // A terminal blocks the whole process while its person reads (Ctrl-S), and with it every answer to a provider.
  if (stdout.isTTY) (stdout as TerminalStream)._handle?.setBlocking?.(false)
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    failure ??= error.code === 'EPIPE' ? new ReaderGone() : outputFailed(error)
    over.emit('over')
  })
  // There is nowhere left to tell of it.
  stderr.on('error', () => undefined)
  function write(data: string | Buffer): Promise<void> {
    if (failure) return Promise.reject(failure)
    return new Promise((resolve, reject) => {
      const onOver = (): void => reject(failure)
      over.once('over', onOver)
      stdout.write(data, error => {
        if (error) return
        over.off('over', onOver)
        resolve()
      })
    })
  }
  const wanted = options.output ?? env.WHS_OUTPUT
  const isOutTty = stdout.isTTY === true
  return {
    out: line => write(`${line}\n`),
    outBytes: write,
    note: line => void stderr.write(`${line}\n`),
    stdin,
    stderr,
    isTty: { in: stdin.isTTY === true, out: isOutTty, err: stderr.isTTY === true },
    columns: stdout.columns || Number(env.COLUMNS) || 120,
    color: options.color !== false && !env.NO_COLOR && ((isOutTty && env.TERM !== 'dumb') || Boolean(env.FORCE_COLOR)),
    output: wanted === 'json' || wanted === 'text' ? wanted : isOutTty ? 'text' : 'json',
    env,
    cwd: process.cwd(),
    self: selfHere(env) + (options.demo ? ' --demo' : ''),
    mayAsk: stdin.isTTY === true && options.yes !== true,
    yes: options.yes === true,
    debug: options.debug === true,
    now: Date.now,
    stop: stopSignal(),
  }
}

/** The environment, out of which secrets are taken: what this process starts (a browser, say) must not inherit them. */
function takeSecrets(env: NodeJS.ProcessEnv): Io['env'] {
  const copy = { ...env }
  for (const name of Object.keys(env)) if (/^(NGROK_AUTHTOKEN|WHS_.+_SECRET)$/.test(name)) delete env[name]
  return copy
}

/** How this process was called. */
export function selfHere(env: Io['env']): string {
  const script = process.argv[1] ?? ''
  try {
    return selfName(script, realpathSync(script), env)
  } catch {
    return selfName(script, script, env)
  }
}

/** The first Ctrl-C, SIGTERM or closing of the terminal asks to end in order (with 2 s to do so), the second ends at once. */
function stopSignal(): StopSignal {
  const controller = new AbortController()
  const stop: StopSignal = { signal: controller.signal, exit: 0 }
  const end = (exit: number) => (): void => {
    if (stop.exit !== 0) process.exit(stop.exit)
    stop.exit = exit
    controller.abort()
    setTimeout(() => process.exit(exit), 2_500).unref()
  }
  process.on('SIGINT', end(130))
  process.on('SIGTERM', end(143))
  // A terminal that is closed. Without one (nohup, a service) the signal means what whoever started us has said.
  if (process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY) process.on('SIGHUP', end(129))
  return stop
}
