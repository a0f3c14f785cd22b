import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A shell command that starts another, writes down both in `pids`, and ends by nothing but a kill. */
export const stubborn = 'trap "" INT TERM; sleep 60 & echo $! $$ > pids; echo started; wait'

/** Which of the two that `stubborn` wrote down in a folder still run. */
export function stillAlive(folder: string): number[] {
  return readFileSync(join(folder, 'pids'), 'utf8').trim().split(' ').map(Number).filter(isAlive)
}

function isAlive(pid: number): boolean {
  // Who has ended and was not yet waited for by its parent is no longer there either.
  const stat = `/proc/${pid}/stat`
  if (existsSync('/proc/self')) return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'))
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
