import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { binary, makeFolder, type RunningProgram, startProgram, startWhs } from './program.ts'

/** A disk with little room, for one store. */
export interface SmallDisk {
  home: string
  /** Starts a program for which the disk is small. */
  start: typeof startWhs
  /** From now on there is room. */
  makeRoom(program: RunningProgram): void
}

const mebibyte = 1_048_576

/** How a disk can be made small here: a file system of its own where one may be mounted, and a limit on what a process writes. */
export const smallDisks: [string, () => SmallDisk][] = [
  ...(mayMount() ? [['a small file system', smallFileSystem] as [string, () => SmallDisk]] : []),
  ...(mayLimit() ? [['a quota', quota] as [string, () => SmallDisk]] : []),
]

/** A tmpfs (Linux, root) or a RAM disk image (macOS), nearly filled by another file. */
function smallFileSystem(): SmallDisk {
  const folder = makeFolder()
  const place = join(folder, 'disk')
  mkdirSync(place)
  const unmount = mount(place)
  onTestFinished(unmount)
  const home = join(place, 'home')
  mkdirSync(home, { mode: 0o700 })
  const ballast = join(place, 'ballast')
  const { bavail, bsize } = statfsSync(place)
  writeFileSync(ballast, Buffer.alloc(bavail * bsize - 2 * mebibyte))
  return {
    home,
    start: startWhs,
    makeRoom: () => rmSync(ballast),
  }
}

/** No file may become larger than 1 MiB; the soft limit alone, so that it can be lifted while the program runs. */
function quota(): SmallDisk {
  const home = makeFolder()
  return {
    home,
    start: (args, options) =>
      startProgram('bash', ['-c', `ulimit -S -f 1024; exec "$@"`, 'bash', process.execPath, binary, ...args], options),
    makeRoom: ({ pid }) => run('prlimit', '--pid', String(pid), '--fsize=unlimited:unlimited'),
  }
}

function mayMount(): boolean {
  if (process.platform === 'darwin') return true
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  return spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0
}

function mayLimit(): boolean {
  return spawnSync('prlimit', ['--version']).status === 0
}

function mount(place: string): () => void {
  if (process.platform === 'linux') {
    run('mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', place)
    return () => run('umount', '--lazy', place)
  }
  const image = join(place, '..', 'disk.dmg')
  run('hdiutil', 'create', '-size', '16m', '-fs', 'HFS+', '-quiet', image)
  run('hdiutil', 'attach', '-quiet', '-nobrowse', '-mountpoint', place, image)
  return () => run('hdiutil', 'detach', '-quiet', '-force', place)
}

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
}
