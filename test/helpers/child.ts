import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { top } from '../architecture/source-file.ts'

/** A process of ours that writes lines. */
export interface Child {
  pid: number
  /** All lines so far. */
  lines: string[]
  /** Resolves when this many lines came, or it ended. */
  waitForLines(count: number): Promise<void>
  kill(signal: NodeJS.Signals): void
  /** Writes to its stdin. */
  write(text: string): void
  /** Exit code, or the signal's name; with what it said on stderr. */
  ended: Promise<{ how: number | string; stderr: string }>
}

/** Runs a TypeScript file of `test/helpers/`; `limit` bounds the size of any file that it writes, in KiB. */
export function startChild(file: string, args: string[], limit?: number): Child {
  const command = [process.execPath, '--import', 'tsx', `test/helpers/${file}`, ...args]
  const [program, rest] =
    limit === undefined
      ? [command[0] as string, command.slice(1)]
      : ['bash', ['-c', `ulimit -f ${limit}; exec "$@"`, 'bash', ...command]]
  const child = spawn(program, rest, { cwd: top, stdio: ['pipe', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  let stderr = ''
  child.stderr.on('data', data => (stderr += String(data)))
  const reader = createInterface({ input: child.stdout })
  reader.on('line', line => void lines.push(line))
  const closed = once(child, 'close') as Promise<[number | null, string | null]>
  return {
    pid: child.pid as number,
    lines,
    async waitForLines(count) {
      while (lines.length < count) {
        const more = await Promise.race([once(reader, 'line'), closed.then(() => 'ended')])
        if (more === 'ended' && lines.length < count) throw new Error(`it ended after ${lines.length} lines: ${stderr}`)
      }
    },
    kill: signal => void child.kill(signal),
    write: text => void child.stdin.write(text),
    ended: closed.then(([code, signal]) => ({ how: code ?? signal ?? 'unknown', stderr })),
  }
}
