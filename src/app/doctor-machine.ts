import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { bytesText } from '../core/text.ts'
import type { App } from './app.ts'
import { type Check, fault, ok, warning } from './check.ts'

const oldestNode = [20, 19]
const leastBytes = 1_073_741_824
/** No clock that is right shows a time before this program was written. */
const written = Date.UTC(2026, 0, 1)

/** Program, Node, clock and disk. */
export async function* machineChecks(app: App): AsyncGenerator<Check> {
  yield ok('version', `whs ${app.surroundings.version}`)
  yield nodeCheck(process.versions.node)
  const now = app.now()
  if (now < written) yield fault('clock', `it shows ${new Date(now).toISOString()}`, 'set the clock of this machine')
  else yield ok('clock', new Date(now).toISOString())
  yield await diskCheck(app.surroundings.home)
}

/** Whether this version of Node is one that whs runs on. */
export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [least = 0, leastMinor = 0] = oldestNode
  if (major > least || (major === least && minor >= leastMinor)) return ok('node', `Node ${version}`)
  return fault('node', `Node ${version}; whs needs ${oldestNode.join('.')} or newer`, 'install a newer Node')
}

async function diskCheck(home: string): Promise<Check> {
  for (let folder = home; ; folder = dirname(folder)) {
    const disk = await statfs(folder).catch(() => undefined)
    if (disk) {
      const free = disk.bavail * disk.bsize
      const detail = `${bytesText(free)} free for ${home}`
      return free < leastBytes
        ? warning('disk', detail, 'make room: a full disk answers providers 503')
        : ok('disk', detail)
    }
    if (dirname(folder) === folder) return warning('disk', `nothing is known of ${home}`, 'set WHS_HOME')
  }
}
