import { cpus } from 'node:os'
import { benchBurst } from './burst.ts'
import { benchReceive } from './receive.ts'
import { benchStart } from './start.ts'

// Prints what was measured and asserts nothing: numbers of one machine compare only with numbers of the same run.
// `npm run bench -- receive` runs one part; the build must be fresh (npm run build).
const parts = process.argv.slice(2)
const wants = (part: string): boolean => parts.length === 0 || parts.includes(part)

const [cpu] = cpus()
console.log(`node ${process.version} on ${process.platform}, ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`)
if (wants('start')) benchStart(25)
if (wants('receive')) await benchReceive(5)
if (wants('burst')) await benchBurst([2_000, 10_000], 3)
