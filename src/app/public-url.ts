import { exits, WhsError } from '../core/errors.ts'
import type { Route } from '../net/door.ts'
import { readNgrokAuthtoken } from '../tunnel/ngrok-config.ts'
import { missingAuthtoken } from '../tunnel/ngrok-errors.ts'
import type { TunnelOptions } from '../tunnel/tunnel.ts'
import type { App } from './app.ts'

/** How a door is to be reached from outside, as flags and the project file say. */
export interface TunnelWish {
  tunnel?: string
  domain?: string
  /** The command that is to be typed again where something lacks. */
  line?: string
}

/**
 * What `openTunnel` needs, known before anything opens. Without a wish it is ngrok, or none where every app is a
 * simulator's.
 * @throws WhsError `tunnel-authtoken-missing` (exit 3) with the ways out; exit 2 where a file cannot be read, and
 * `domain-without-tunnel`
 */
export async function tunnelOptions(
  app: App,
  wish: TunnelWish,
  readFile: (path: string) => Promise<string>,
): Promise<Omit<TunnelOptions, 'port' | 'onChange' | 'onLostForGood'>> {
  const { env, userHome, platform } = app.surroundings
  const apps = await app.store().read('listApps')
  const simulated = apps.every(one => one.env === 'simulator')
  const how = wish.tunnel ?? (simulated ? 'none' : 'ngrok')
  if (how !== 'ngrok') {
    if (wish.domain) throw idleDomain(how, wish.line)
    return { how }
  }
  const authtoken = env.NGROK_AUTHTOKEN ?? (await readNgrokAuthtoken({ env, home: userHome, platform }))?.authtoken
  if (!authtoken) throw missingAuthtoken(wish.line)
  const caPem = env.WHS_NGROK_CA ? await readPem(env.WHS_NGROK_CA, readFile) : undefined
  return { how, authtoken, domain: wish.domain, serverAddr: env.WHS_NGROK_SERVER_ADDR, caPem }
}

function idleDomain(how: string, line = 'whs listen'): WhsError {
  return new WhsError({
    code: 'domain-without-tunnel',
    exit: exits.usage,
    what: '--domain has no effect here',
    why: `it names the domain of an ngrok tunnel, and the tunnel is ${how}`,
    next: `${line} --tunnel ngrok --domain <name>   (or leave --domain out)`,
  })
}

async function readPem(path: string, readFile: (path: string) => Promise<string>): Promise<string> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new WhsError({
      code: 'ca-unreadable',
      exit: exits.usage,
      what: `WHS_NGROK_CA cannot be read: ${path}`,
      why: (cause as Error).message,
      next: 'set WHS_NGROK_CA to a PEM file',
      cause,
    })
  }
}

export const probePath = '/.whs/probe/'
/** What a listener answers whose probe it is not. */
export const probeAnswer = 'Not this one.\n'

/** The route by which a listener recognises its own public URL. */
export function probeRoute(nonce: string): Route {
  return {
    method: 'GET',
    path: `${probePath}:nonce`,
    handle: ({ params }) =>
      params.nonce === nonce ? { status: 200, body: nonce } : { status: 404, body: probeAnswer },
  }
}

/** How many ms our own public URL took to answer with the nonce, or null where it did not. */
export async function probe(app: App, url: string, nonce: string): Promise<number | null> {
  const from = performance.now()
  try {
    // The header spares us the page that ngrok's free plan shows to browsers (ngrok.com/docs, ERR_NGROK_6024).
    const headers = { 'ngrok-skip-browser-warning': '1' }
    const answer = await app.http({ method: 'GET', url: `${url}${probePath}${nonce}`, headers, timeoutMs: 5_000 })
    return answer.body.toString() === nonce ? performance.now() - from : null
  } catch {
    return null
  }
}

/** The URLs under which callback URLs may have been registered: the public one, and the door's own. */
export function reachedAt({ publicUrl, port }: { publicUrl: string; port: number }): string[] {
  return [publicUrl, `http://127.0.0.1:${port}`, `http://localhost:${port}`].filter(url => url !== '')
}
