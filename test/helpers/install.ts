import { spawnSync } from 'node:child_process'
import { findProgram } from './find-program.ts'

let isListed = false

/** Whether a Debian package could be installed: only where we are root on such a system. Says what it does. */
export function aptInstall(name: string): boolean {
  if (process.getuid?.() !== 0 || !findProgram(['apt-get'])) return false
  console.error(`test set-up: installing ${name} by apt`)
  if (!isListed) runQuietly('apt-get', ['update', '-qq'])
  isListed = true
  return runQuietly('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name])
}

/** Runs an installer; what it says is shown only if it fails. */
export function runQuietly(command: string, args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stdout, stderr } = spawnSync(command, args, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (status !== 0) console.error(`${command} ${args.join(' ')} failed\n${stdout}${stderr}`)
  return status === 0
}
