import { PassThrough, Writable } from 'node:stream'
import { CommanderError } from 'commander'
import { type Io, ReaderGone, type RealIoOptions } from '../../src/cli/io.ts'
import { makeProgram } from '../../src/cli/program.ts'
import { command } from '../../src/cli/render/command.ts'
import { renderError } from '../../src/cli/render/error.ts'
import { exits } from '../../src/core/errors.ts'

export interface TestIoOptions {
  /** Whether stdin, stdout and stderr are terminals. */
  tty?: boolean
  /** What stdin holds, where it is no terminal. */
  stdin?: string
  /** What a person types at a terminal: once the text is asked, the answer and Enter. */
  answers?: [asked: RegExp, answer: string][]
  env?: Record<string, string | undefined>
  cwd?: string
  color?: boolean
  columns?: number
  /** Sees all that was written so far, whenever something was. */
  watch?(written: string): void
  /** The reader of stdout goes away after so many lines. */
  readsLines?: number
  now?(): number
}

/** What a command left behind. */
export interface Ran {
  code: number
  out: string
  err: string
  /** The lines of stdout as records. */
  records: Record<string, unknown>[]
}

/** A terminal or pipe in memory, for commands under test. */
export interface TestIo extends Io {
  ran(code: number): Ran
  interrupt(): void
}

/** The twin of `realIo`: the same decisions, from options instead of from the process. */
export function testIo(options: TestIoOptions, flags: RealIoOptions = {}): TestIo {
  const { tty = false, env = {}, readsLines = Number.POSITIVE_INFINITY } = options
  const out: Buffer[] = []
  let err = ''
  let lines = 0
  let answered = 0
  const left = [...(options.answers ?? [])]
  const stdin = new PassThrough()
  const look = (): void => options.watch?.(Buffer.concat(out).toString() + err)
  if (!tty) stdin.end(options.stdin ?? '')
  const stderr = new Writable({
    write(chunk: Buffer, _encoding, done) {
      err += chunk.toString()
      look()
      const [next] = left
      if (next?.[0].test(askedIn(err.slice(answered)))) {
        left.shift()
        answered = err.length
        setImmediate(() => stdin.write(`${next[1]}\r`))
      }
      done()
    },
  })
  // A pipe never ends the real stderr either.
  stderr.end = () => stderr
  const controller = new AbortController()
  const stop = { signal: controller.signal, exit: 0 }
  const wanted = flags.output ?? env.WHS_OUTPUT
  return {
    async out(line) {
      if (lines++ >= readsLines) throw new ReaderGone()
      out.push(Buffer.from(`${line}\n`))
      look()
    },
    async outBytes(bytes) {
      out.push(bytes)
      look()
    },
    note: line => void stderr.write(`${line}\n`),
    stdin,
    stderr,
    isTty: { in: tty, out: tty, err: tty },
    columns: options.columns ?? 120,
    color: options.color ?? false,
    output: wanted === 'json' || wanted === 'text' ? wanted : tty ? 'text' : 'json',
    env,
    cwd: options.cwd ?? '/',
    self: 'whs',
    mayAsk: tty && flags.yes !== true,
    yes: flags.yes === true,
    debug: flags.debug === true,
    now: options.now ?? Date.now,
    stop,
    interrupt() {
      stop.exit = exits.interrupted
      controller.abort()
    },
    ran(code) {
      const text = Buffer.concat(out).toString()
      // What a provider says may be JSON on several lines: only whole ones are records.
      const records = /^\{.*\}$/m.exec(text)?.index === 0 ? text.trimEnd().split('\n') : []
      return { code, out: text, err, records: records.map(line => JSON.parse(line) as Record<string, unknown>) }
    },
  }
}

/** The questions that were put anew in a text: drawn with a question mark, and not over their own line once more. */
function askedIn(text: string): string {
  return text.replaceAll('\u001b[G? ', '').split('? ').slice(1).join(' ')
}

/** How the program is called in these tests: as wide as `whs`, and told from a command that nobody made fit for here. */
const selfHere = '\u1e98hs'

/** The first line that holds a command as `whs …`, which works only where whs is installed. A definition is data. */
export function bareCommand(text: string): string | undefined {
  const lines = text.split('\n').filter(line => !line.startsWith('{"type":"provider"'))
  return lines.find(line => command({ self: selfHere }, line) !== line)
}

/**
 * Runs a command line in this process, as `run` does with the real terminal.
 * @throws where it prints a command as `whs …` and not as it works where the person is
 */
export async function runCommand(args: string[], options: TestIoOptions): Promise<Ran> {
  const plain = (text: string): string => text.replaceAll(selfHere, 'whs')
  const { watch } = options
  const open = (flags?: RealIoOptions): TestIo => {
    const opened = testIo(watch ? { ...options, watch: written => watch(plain(written)) } : options, flags)
    return Object.assign(opened, { self: selfHere + (flags?.demo ? ' --demo' : '') })
  }
  let io = open()
  let code: number = exits.done
  const program = makeProgram({
    versionOf: () => '0.0.0',
    self: () => selfHere,
    context(flags) {
      io = open(flags)
      return io
    },
    done(exitCode) {
      code = exitCode
    },
  })
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (error instanceof ReaderGone) code = exits.done
    else code = error instanceof CommanderError && error.exitCode === 0 ? exits.done : renderError(io, error)
  }
  const { out, err, records } = io.ran(code)
  const bare = bareCommand(`${out}\n${err}`)
  if (bare !== undefined) throw new Error(`not printed as it works here: ${bare}`)
  return {
    code,
    out: plain(out),
    err: plain(err),
    records: JSON.parse(plain(JSON.stringify(records))) as Ran['records'],
  }
}
