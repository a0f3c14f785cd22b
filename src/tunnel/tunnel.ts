import { exits, WhsError } from '../core/errors.ts'
import { openNgrok } from './ngrok.ts'

/** A public address for a local port. `url` is an origin without a trailing slash and follows a move. */
export interface Tunnel {
  readonly url: string
  readonly kind: 'ngrok' | 'none' | 'url'
  /** Takes the address down. Resolves within seconds, also where the other side no longer answers; safe to call twice. */
  close(): Promise<void>
}

/**
 * What happened to an open tunnel. `lost` may come again in the same outage when the reason is known better.
 * `up` and `moved` end the outage; `ms` says how long it lasted; a `moved` one carries the old URL in `was`.
 */
export interface TunnelChange {
  state: 'up' | 'lost' | 'moved'
  url: string
  was?: string
  ms?: number
  why?: string
}

export interface TunnelOptions {
  /** `ngrok`, `none`, or an https origin that the user brings. */
  how: 'ngrok' | 'none' | (string & {})
  /** The local port of the public door. */
  port: number
  authtoken?: string | undefined
  /** The ngrok domain to ask for; without one ngrok chooses. */
  domain?: string | undefined
  /** `host:port` of a custom agent ingress. */
  serverAddr?: string | undefined
  /** The PEM text of the authority that the custom agent ingress is checked against. */
  caPem?: string | undefined
  /** Called for changes after the opening, never for the opening itself. */
  onChange(change: TunnelChange): void
  /** Called once when ngrok refuses for a reason that trying again does not mend. */
  onLostForGood?(error: WhsError): void
}

/**
 * Opens the public address of the door at `port`. `none` is `http://localhost:<port>`, a URL that the user brings is
 * taken as it is, `ngrok` connects to ngrok and stays connected until `close`.
 *
 * Throws a WhsError: exit 2 for what cannot be a tunnel, 3 for a missing authtoken (before anything opens), 6 where
 * ngrok cannot be reached or refuses.
 */
export async function openTunnel(options: TunnelOptions): Promise<Tunnel> {
  if (options.how === 'ngrok') return openNgrok(options)
  if (options.how === 'none') return fixedTunnel('none', `http://localhost:${options.port}`)
  return fixedTunnel('url', readOrigin(options.how))
}

function fixedTunnel(kind: 'none' | 'url', url: string): Tunnel {
  return { kind, url, close: async () => {} }
}

function readOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url) throw badTunnel('it is neither ngrok, nor none, nor a URL')
  if (url.protocol !== 'https:') throw badTunnel('providers send to https URLs only')
  if (url.username || url.password) throw badTunnel('a user name or password in the URL would be shown to providers')
  if (url.pathname !== '/' || url.search || url.hash) {
    throw badTunnel('callback URLs are made from its origin, so it has to end after the host or port')
  }
  return url.origin
}

/** The text that was given is not repeated: a URL with a password in it may be what is wrong. */
function badTunnel(why: string): WhsError {
  return new WhsError({
    code: 'tunnel-invalid',
    exit: exits.usage,
    what: 'The value of --tunnel cannot be used.',
    why,
    next: 'whs listen --tunnel https://hooks.example.com   (or: --tunnel ngrok, --tunnel none)',
  })
}
