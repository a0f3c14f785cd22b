import { prepareHome } from './home.ts'
import { type Peer, peers } from './peers.ts'
import { endOf, type Helper, hookPath, keep, serveWhs, startHelper } from './processes.ts'

/** Something that takes deliveries on one side and sends them to a handler on the other. */
export interface Tool {
  name: string
  start(home: string, handlerPort: number): Promise<RunningTool>
}
export interface RunningTool {
  pid: number
  /** The process that feeds it: see `feeder.ts`. */
  feed: Helper
  end(): Promise<void>
}

/** So many tenants, which only `whs` knows of: it keeps the order of each, and has one delivery of each under way. */
export const tenants = 64

export const whs: Tool = {
  name: 'whs',
  async start(home, handlerPort) {
    await prepareHome(home, tenants)
    const { pid, port, end } = await serveWhs(home, ['--forward', String(handlerPort)])
    const feed = startHelper('feed-http.ts', [String(port), hookPath, String(tenants)])
    await feed.hear<{ connected: true }>('connected')
    return { pid, feed, end: () => endBoth(feed, end) }
  },
}

export const peerTools: Tool[] = peers.map(asTool)

function asTool({ name, protocol, start }: Peer): Tool {
  return {
    name,
    async start(home, handlerPort) {
      const feed = startHelper('peer-relay.ts', [protocol])
      const { port } = await feed.hear<{ port: number }>('port')
      const connected = feed.hear<{ connected: true }>('connected')
      const child = keep(start(home, port, handlerPort))
      const failed = new Promise<never>((_, reject) => {
        child.once('error', reject).once('exit', code => reject(new Error(`${name} ended with ${code}`)))
      })
      await Promise.race([connected, failed])
      failed.catch(() => undefined)
      return { pid: child.pid as number, feed, end: () => endBoth(feed, () => endOf(child)) }
    },
  }
}

/** The tool first, so that it does not look for its relay any more. */
async function endBoth(feed: Helper, endTool: () => Promise<void>): Promise<void> {
  await endTool()
  await feed.end()
}
