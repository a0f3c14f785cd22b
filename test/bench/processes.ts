import { type ChildProcess, fork, spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Load, LoadResult } from './load.ts'

export const binary = new URL('../../bin/whs.js', import.meta.url).pathname

export interface Served {
  pid: number
  port: number
  path: string
  end(): Promise<void>
}

/** Runs a file of this folder as a process of its own; its first message is where it serves. */
export async function serve(file: string, args: string[]): Promise<Served> {
  const child = fork(new URL(file, import.meta.url), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const { port, path } = await firstMessage<{ port: number; path: string }>(child)
  return { pid: child.pid as number, port, path, end: () => endOf(child) }
}

/** `whs listen` itself, its records written to a file. */
export async function serveWhs(home: string, args: string[]): Promise<Served> {
  const output = join(home, 'records')
  const all = [binary, 'listen', '--tunnel', 'none', '--port', '0', '--output', 'json', ...args]
  const env = { PATH: process.env.PATH ?? '', HOME: home, WHS_HOME: home }
  const child = spawn(process.execPath, all, { env, cwd: home, stdio: ['ignore', openSync(output, 'w'), 'inherit'] })
  for (;;) {
    const port = /"type":"ready".*?"url":"http:\/\/[^":]+:(\d+)/.exec(readFileSync(output, 'utf8'))?.[1]
    if (port)
      return { pid: child.pid as number, port: Number(port), path: '/hooks/quickbooks', end: () => endOf(child) }
    if (child.exitCode !== null) throw new Error('whs listen ended at once')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

/** Sends from a process of its own. */
export async function load(what: Load): Promise<LoadResult> {
  const child = fork(new URL('load.ts', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  child.send(what)
  const result = await firstMessage<LoadResult>(child)
  await endOf(child)
  return result
}

function firstMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', message => resolve(message as T))
    child.once('exit', code => reject(new Error(`a process of the bench ended with ${code}`)))
  })
}

async function endOf(child: ChildProcess): Promise<void> {
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  await gone
}

/** The most memory that a process ever had, in MiB; 0 where the system does not say. */
export function peakMemory(pid: number): number {
  try {
    const [, kib = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kib) / 1024
  } catch {
    return 0
  }
}
