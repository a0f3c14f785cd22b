import { X509Certificate } from 'node:crypto'
import { WhsError } from '../core/errors.ts'
import { openDoor } from '../net/door.ts'
import type { Listener } from '../store/listener-ops.ts'
import { readNgrokAuthtoken } from '../tunnel/ngrok-config.ts'
import type { App } from './app.ts'
import { type Check, fault, ok, warning } from './check.ts'
import { doorNow } from './door-now.ts'

export interface ListenCheckOptions {
  /** Where the public door would be opened; 0 is any free port. */
  port: number
  readFile(path: string): Promise<string>
}

/** Who listens or could, and what a tunnel needs. Without a store only the machine is looked at. */
export async function* listenChecks(app: App, options: ListenCheckOptions, hasStore: boolean): AsyncGenerator<Check> {
  const listener = hasStore ? await doorNow(app) : null
  if (listener) yield await listenerCheck(app, listener)
  else yield await portCheck(options.port)
  yield await tunnelCheck(app, hasStore)
  const { WHS_NGROK_CA: ca } = app.surroundings.env
  if (ca) yield await authorityCheck(ca, options.readFile)
}

async function listenerCheck(app: App, { pid, publicUrl, localPort }: Listener): Promise<Check> {
  const url = `http://127.0.0.1:${localPort}/status`
  let token: string | null
  try {
    token = await app.store().read('listenerToken')
  } catch (error) {
    if (!(error instanceof WhsError)) throw error
    return fault('listener', `${error.message}: ${error.why}`, error.next ?? 'whs listen')
  }
  const headers = { authorization: `Bearer ${token}` }
  const answer = await app.http({ method: 'GET', url, headers, timeoutMs: 5_000 }).catch(() => null)
  if (answer?.status === 200) return ok('listener', `process ${pid} listens at ${publicUrl}`)
  const detail = `process ${pid} holds the store but does not answer at its local door`
  return warning('listener', detail, 'end that process, then whs listen')
}

async function portCheck(port: number): Promise<Check> {
  try {
    const door = await openDoor({ port, routes: [] })
    await door.close()
    return ok('port', port === 0 ? 'nobody listens; any free port is taken' : `nobody listens; port ${port} is free`)
  } catch (error) {
    if (!(error instanceof WhsError)) throw error
    const detail = error.why ? `${error.message}: ${error.why}` : error.message
    return warning('port', detail, 'whs listen --port 0   (or WHS_PORT=<another>)')
  }
}

async function tunnelCheck(app: App, hasStore: boolean): Promise<Check> {
  const { env, userHome: home, platform } = app.surroundings
  if (env.NGROK_AUTHTOKEN) return ok('tunnel', 'ngrok’s authtoken is in NGROK_AUTHTOKEN')
  try {
    const found = await readNgrokAuthtoken({ env, home, platform })
    if (found) return ok('tunnel', `ngrok’s authtoken is in ${found.path}`)
  } catch (error) {
    if (!(error instanceof WhsError)) throw error
    return warning('tunnel', `${error.message} ${error.why ?? ''}`.trim(), error.next ?? 'set NGROK_AUTHTOKEN')
  }
  const apps = hasStore ? await app.store().read('listApps') : []
  if (apps.every(one => one.env === 'simulator'))
    return ok('tunnel', 'no ngrok authtoken, and no app that needs a tunnel')
  const fix = 'set NGROK_AUTHTOKEN   (or whs listen --tunnel https://… with a URL of yours)'
  return warning('tunnel', 'there is no ngrok authtoken, so providers cannot reach this machine', fix)
}

async function authorityCheck(path: string, readFile: (path: string) => Promise<string>): Promise<Check> {
  try {
    const { validTo } = new X509Certificate(await readFile(path))
    return ok('tunnel authority', `${path}, valid until ${validTo}`)
  } catch (error) {
    return fault(
      'tunnel authority',
      `WHS_NGROK_CA: ${path}: ${(error as Error).message}`,
      'set WHS_NGROK_CA to a PEM file',
    )
  }
}
