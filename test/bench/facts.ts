import { spawnSync } from 'node:child_process'
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { nowMs } from './clock.ts'
import { benchFolder } from './home.ts'
import { numberText, shareOf } from './numbers.ts'

/** What a reader must know of the machine and the source to judge the figures. */
export type Facts = Record<'date' | 'commit' | 'processor' | 'memory' | 'system' | 'disk', string>

export function gatherFacts(): Facts {
  const [cpu] = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commitText(),
    processor: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`,
    memory: `${numberText(totalmem() / 2 ** 30)} GiB`,
    system: `node ${process.version} on ${process.platform} ${process.arch}`,
    disk: syncText(),
  }
}

function commitText(): string {
  const git = (...args: string[]): string => spawnSync('git', args, { encoding: 'utf8' }).stdout?.trim() ?? ''
  const commit = git('rev-parse', '--short', 'HEAD') || 'unknown'
  return git('status', '--porcelain', '--', 'src', 'package.json') === '' ? commit : `${commit} with changes`
}

/** How long the disk takes to make 4 KiB durable. */
function syncText(): string {
  const folder = benchFolder()
  const file = openSync(join(folder, 'sync'), 'w')
  const page = Buffer.alloc(4_096, 1)
  const times: number[] = []
  for (let round = 0; round < 300; round++) {
    const start = nowMs()
    writeSync(file, page)
    fdatasyncSync(file)
    times.push(nowMs() - start)
  }
  closeSync(file)
  rmSync(folder, { recursive: true })
  return `a sync of 4 KiB takes ${numberText(shareOf(times, 0.5), 2)} ms, p99 ${numberText(shareOf(times, 0.99), 2)} ms`
}
