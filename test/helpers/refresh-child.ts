import { tenantCall } from '../../src/connect/tenant-call.ts'
import { openStore } from '../../src/store/store.ts'
import { refreshDefinition, refreshDeps, things } from './refresh-deps.ts'

/**
 * Another process that calls as a tenant: `<home> <connection> <times>` makes so many calls at once, once a line came on
 * stdin, says when they have begun, then the status of each (or the code of its error).
 */
const [home = '', connection = '', times = '1'] = process.argv.slice(2)
const store = openStore({ home })
const deps = refreshDeps(store, refreshDefinition())
process.stdout.write('ready\n')
await new Promise(resolve => process.stdin.once('data', resolve))
const call = async (): Promise<void> => {
  try {
    for await (const { status } of tenantCall(deps, { connection }, things)) process.stdout.write(`${status}\n`)
  } catch (error) {
    process.stdout.write(`${(error as { code: string }).code}\n`)
  }
}
const calls = Array.from({ length: Number(times) }, call)
// The store answers at once: by now each has found out whether it is to wait.
setImmediate(() => process.stdout.write('begun\n'))
await Promise.all(calls)
await store.close()
process.exit()
