import { type ChildProcess, fork, spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Load, LoadResult } from './load.ts'

export const binary = new URL('../../bin/whs.js', import.meta.url).pathname
export const hookPath = '/hooks/quickbooks'

/** A server in a process of its own. */
export interface Served {
  pid: number
  port: number
  end(): Promise<void>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Sees to it that a process does not outlive the bench, which may end in the middle of a run. */
export function keep(child: ChildProcess): ChildProcess {
  running.add(child)
  return child.once('exit', () => running.delete(child))
}

/** A file of this folder as a process of its own. */
export interface Helper {
  pid: number
  tell(message: object): void
  /** The next message that has this field. */
  hear<T extends object>(field: keyof T): Promise<T>
  on<T extends object>(field: keyof T, then: (message: T) => void): void
  end(): Promise<void>
}

export function startHelper(file: string, args: string[] = []): Helper {
  const child = keep(fork(new URL(file, import.meta.url), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }))
  return {
    pid: child.pid as number,
    tell: message => void child.send(message),
    hear: field => {
      const heard = new Promise<never>((resolve, reject) => {
        const gone = (code: number | null): void => reject(new Error(`${file} ended with ${code}`))
        const look = (message: object): void => {
          if (!(field in message)) return
          child.off('message', look).off('exit', gone)
          resolve(message as never)
        }
        child.on('message', look).once('exit', gone)
      })
      // Where something else failed first, nobody waits for it any more.
      heard.catch(() => undefined)
      return heard
    },
    on: (field, then) => void child.on('message', message => field in (message as object) && then(message as never)),
    end: () => endOf(child),
  }
}

/** Runs a server of this folder; its first message is where it serves. */
export async function serve(file: string, args: string[] = []): Promise<Served> {
  const helper = startHelper(file, args)
  const { port } = await helper.hear<{ port: number }>('port')
  return { pid: helper.pid, port, end: helper.end }
}

/** How `whs` is called here: nothing of this terminal's own settings reaches it. */
export function whsOptions(home: string): { cwd: string; env: Record<string, string> } {
  return { cwd: home, env: { PATH: process.env.PATH ?? '', HOME: home, WHS_HOME: home } }
}

/** `whs listen` itself, its records written to a file. */
export async function serveWhs(home: string, args: string[]): Promise<Served> {
  const output = join(home, 'records')
  const all = [binary, 'listen', '--tunnel', 'none', '--port', '0', '--output', 'json', ...args]
  const stdio = ['ignore', openSync(output, 'w'), 'inherit'] as const
  const child = keep(spawn(process.execPath, all, { ...whsOptions(home), stdio: [...stdio] }))
  for (;;) {
    const port = /"type":"ready".*?"url":"http:\/\/[^":]+:(\d+)/.exec(readFileSync(output, 'utf8'))?.[1]
    if (port) return { pid: child.pid as number, port: Number(port), end: () => endOf(child) }
    if (child.exitCode !== null) throw new Error('whs listen ended at once')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

/** Sends from a process of its own. */
export async function load(what: Load): Promise<LoadResult> {
  const sender = startHelper('load.ts')
  sender.tell(what)
  const result = await sender.hear<LoadResult>('perSecond')
  await sender.end()
  return result
}

/** Asks a process to end and waits until it is gone; one that does not go within ten seconds is killed. */
export async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await gone
  clearTimeout(kill)
}

/** The most memory that a process ever had, in MiB; none where the system does not say. */
export function peakMemory(pid: number): number {
  try {
    const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kib) / 1024
  } catch {
    return Number.NaN
  }
}

/** The processor time that a process has used, in ms; none where the system does not say. */
export function processorMs(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [user, system] = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
    // Linux counts in hundredths of a second for whoever reads this file.
    return (Number(user) + Number(system)) * 10
  } catch {
    return Number.NaN
  }
}
