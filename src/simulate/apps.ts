import { Buffer } from 'node:buffer'
import { exits, WhsError } from '../core/errors.ts'

/** An OAuth App at the simulated provider. */
export interface SimulatedApp {
  clientId: string
  clientSecret: string
  webhookSecret: string
  redirectUris: string[]
  callbackUrl: string | null
  /** The payload format of its deliveries: the name of a shape. */
  shape: string
}

export interface Apps {
  list(): SimulatedApp[]
  /** By client id; `default` is the one that is there from the start. */
  get(clientId: string): SimulatedApp | undefined
  /** Makes an app, or changes what is named. An unknown client id is taken, so that an app outlives the simulator. */
  put(clientId: string | undefined, wish: unknown): SimulatedApp
}

export interface AppsOptions {
  shapes: string[]
  randomBytes(length: number): Uint8Array
}

/** The apps of one provider, as its portal keeps them, in memory. */
export function openApps({ shapes, randomBytes }: AppsOptions): Apps {
  const apps = new Map<string, SimulatedApp>()
  const first = make()

  function text(length: number): string {
    return Buffer.from(randomBytes(length)).toString('hex')
  }

  function make(clientId = `simulator-${text(8)}`): SimulatedApp {
    const secrets = { clientSecret: text(20), webhookSecret: text(18) }
    const app = { clientId, ...secrets, redirectUris: [], callbackUrl: null, shape: shapes[0] as string }
    apps.set(clientId, app)
    return app
  }

  function get(clientId: string): SimulatedApp | undefined {
    return clientId === 'default' ? first : apps.get(clientId)
  }

  return {
    list: () => [...apps.values()],
    get,
    put(clientId, wish) {
      const changes = readWish(wish, shapes)
      const app = clientId === undefined ? make() : (get(clientId) ?? make(clientId))
      return Object.assign(app, changes)
    },
  }
}

function readWish(wish: unknown, shapes: string[]): Partial<SimulatedApp> {
  if (typeof wish !== 'object' || wish === null || Array.isArray(wish)) throw refused('it must be a JSON object')
  const changes: Partial<SimulatedApp> = {}
  for (const [name, value] of Object.entries(wish)) Object.assign(changes, { [name]: readField(name, value, shapes) })
  return changes
}

function readField(name: string, value: unknown, shapes: string[]): unknown {
  switch (name) {
    case 'clientSecret':
    case 'webhookSecret':
      if (typeof value === 'string' && value.length > 0) return value
      throw refused(`${name} must be a text`)
    case 'callbackUrl':
      if (value === null || isHttp(value)) return value
      throw refused('callbackUrl must be an http or https URL, or null')
    case 'redirectUris':
      if (Array.isArray(value) && value.every(isHttp)) return value
      throw refused('redirectUris must be a list of http or https URLs')
    case 'shape':
      if (shapes.includes(value as string)) return value
      throw refused(`shape must be ${shapes.join(' or ')}`)
    default:
      throw refused(`${name} is no setting of an app`)
  }
}

function isHttp(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
}

function refused(why: string): WhsError {
  return new WhsError({ code: 'bad-app', exit: exits.usage, what: 'the simulator cannot keep this app', why })
}
