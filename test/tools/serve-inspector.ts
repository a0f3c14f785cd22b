import { openInspectorWorld } from '../helpers/inspector-world.ts'

/**
 * Serves the inspector over a filled store, for whoever works on its page: `npx tsx test/tools/serve-inspector.ts [events]`.
 * It prints a link that signs a browser in; Enter prints another one. A new event comes every few seconds.
 */
const world = await openInspectorWorld({ more: Number(process.argv[2] ?? 0) })
process.stdout.write(`${await world.link()}\n`)
process.stdin.on('data', () => void world.link().then(link => process.stdout.write(`${link}\n`)))
const timer = setInterval(() => void world.deliver(), 4_000)
process.once('SIGINT', () => {
  clearInterval(timer)
  void world.close().then(() => process.exit(0))
})
