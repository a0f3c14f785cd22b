import { Buffer } from 'node:buffer'
import type { ProviderDefinition, SecretName } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { exampleOf } from './example-text.ts'
import { appKey, ed25519Of } from './keys.ts'

/** An OAuth App at the simulated provider. */
export interface SimulatedApp {
  clientId: string
  secrets: Record<SecretName, string>
  settings: Record<string, string>
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
  definition: ProviderDefinition
  randomBytes(length: number): Uint8Array
}

/** Usual names of two secrets in the portal's JSON. */
const usualSecrets: Record<string, SecretName> = { clientSecret: 'client', webhookSecret: 'webhook' }

/** The apps of one provider, as its portal keeps them, in memory. */
export function openApps({ definition, randomBytes }: AppsOptions): Apps {
  const apps = new Map<string, SimulatedApp>()
  const shapes = definition.webhook.shapes.map(({ name }) => name)
  const first = make()

  function make(clientId = `simulator-${hexOf(randomBytes(8))}`): SimulatedApp {
    const names = Object.keys(definition.secrets)
    const secrets = names.map(name => [name, makeSecret(definition, name, clientId, randomBytes)])
    const app = {
      clientId,
      secrets: Object.fromEntries(secrets) as Record<SecretName, string>,
      settings: settingsOf(definition, clientId),
      redirectUris: [],
      callbackUrl: null,
      shape: shapes[0] as string,
    }
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
      const { secrets, settings, ...changes } = readWish(wish, shapes)
      const app = clientId === undefined ? make() : (get(clientId) ?? make(clientId))
      Object.assign(app.secrets, secrets)
      Object.assign(app.settings, settings)
      return Object.assign(app, changes)
    },
  }
}

/** An app as the portal's JSON shows it: its two usual secrets also stand by themselves. */
export function shownApp(app: SimulatedApp): Record<string, unknown> {
  const usual = Object.entries(usualSecrets).map(([name, secret]) => [name, app.secrets[secret]])
  return { ...app, ...Object.fromEntries(usual) }
}

/** A secret in the form that the definition's schemes read. */
export function makeSecret(
  definition: ProviderDefinition,
  name: SecretName,
  clientId: string,
  randomBytes: (length: number) => Uint8Array,
): string {
  const random = Buffer.from(randomBytes(24))
  if (isAppKey(definition, name)) return appKey().pem
  for (const scheme of definition.webhook.verify) {
    if (scheme.scheme === 'url-key' || 'jwks' in scheme.key || scheme.key.secret !== name) continue
    if (scheme.scheme === 'ed25519') return ed25519Of(clientId).publicHex
    if (scheme.scheme === 'basic') return `simulator:${random.toString('hex')}`
    if (scheme.key.as === 'base64') return random.toString('base64')
    if (scheme.key.as === 'whsec') return `whsec_${random.toString('base64')}`
  }
  return random.toString('hex')
}

/** Whether an app signs its own tokens with a secret. */
function isAppKey({ feeds = [] }: ProviderDefinition, name: SecretName): boolean {
  return feeds.some(
    ({ call: { auth } }) => typeof auth === 'object' && 'jwt' in auth && auth.jwt === `{secret.${name}}`,
  )
}

/** The settings that a definition asks for: its default, a plain text that fits, else one made from the pattern. */
function settingsOf(definition: ProviderDefinition, clientId: string): Record<string, string> {
  const settings: Record<string, string> = {}
  for (const [name, { pattern, default: usual }] of Object.entries(definition.settings ?? {})) {
    const fits = new RegExp(`^(?:${pattern})$`)
    const plain = [usual, clientId, ...plainTexts].find(text => text !== undefined && text !== '' && fits.test(text))
    const value = plain ?? exampleOf(pattern)
    if (value) settings[name] = value
  }
  return settings
}

const plainTexts = [
  'simulator',
  '4480448044',
  'simulator@example.com',
  'https://simulator.example.com',
  '44804480-4480-4480-8448-044804480448',
]

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

type AppChanges = Partial<Omit<SimulatedApp, 'clientId'>>

function readWish(wish: unknown, shapes: string[]): AppChanges {
  const { secrets: given = {}, ...rest } = objectOf(wish, 'it must be a JSON object')
  const secrets: Record<string, unknown> = { ...objectOf(given, 'secrets must be an object of texts') }
  const changes: AppChanges = {}
  for (const [name, value] of Object.entries(rest)) {
    const secret = Object.hasOwn(usualSecrets, name) ? usualSecrets[name] : undefined
    if (secret) secrets[secret] = value
    else Object.assign(changes, { [name]: readField(name, value, shapes) })
  }
  return { ...changes, secrets: textsOf('secrets', secrets) }
}

function readField(name: string, value: unknown, shapes: string[]): unknown {
  switch (name) {
    case 'settings':
      return textsOf(name, objectOf(value, 'settings must be an object of texts'))
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

function objectOf(value: unknown, why: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused(why)
  return value as Record<string, unknown>
}

function textsOf(what: string, values: Record<string, unknown>): Record<string, string> {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'string' || value === '') throw refused(`${name} of ${what} must be a text`)
  }
  return values as Record<string, string>
}

export function isHttp(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
}

function refused(why: string): WhsError {
  return new WhsError({ code: 'bad-app', exit: exits.usage, what: 'the simulator cannot keep this app', why })
}
