import { exits, WhsError } from '../../core/errors.ts'
import type { SimulatedApp } from '../apps.ts'
import type { World } from '../world.ts'
import { hasSlot, matchTemplate } from './match-template.ts'
import { matchUrl, type Place } from './match-url.ts'

/** A request for consent that is in order. */
export interface Asked {
  app: SimulatedApp
  /** As it was asked for; null where the provider takes none. */
  redirectUri: string | null
  redirectTo: string
  scope: string
  scopes: string[]
  state: string
  challenge: string | null
  /** What its URL says, such as the shop. */
  slots: Record<string, string>
}

/** Reads the request for consent, by the rules of the definition. */
export function readAsked(world: World, place: Place): Asked | WhsError {
  const { oauth } = world.definition
  const { query } = place
  const leftOut = (name: 'client_id' | 'redirect_uri' | 'response_type' | 'scope'): boolean =>
    oauth.leaveOut?.includes(name) ?? false
  const slots = { ...matchUrl(oauth.authorizeUrl, place) }
  const wrong = readParameters(oauth.parameters ?? {}, query, slots)
  if (wrong) return wrong
  const app = appOf(world, query, slots, leftOut('client_id'))
  if (app instanceof WhsError) return app
  const redirectUri = query.get('redirect_uri')
  const redirectTo = redirectUri ?? (leftOut('redirect_uri') ? app.redirectUris[0] : undefined) ?? ''
  if (!app.redirectUris.includes(redirectTo)) {
    const known = app.redirectUris.length > 0 ? `Registered: ${app.redirectUris.join(', ')}` : 'None is registered.'
    return fault(`The redirect_uri "${redirectTo}" is not one of this app’s`, known)
  }
  const responseType = query.get('response_type')
  if (responseType !== 'code' && !leftOut('response_type')) {
    return fault(`The response_type is "${responseType ?? ''}"`, 'It must be code.')
  }
  const scope = query.get(oauth.scopeParameter ?? 'scope') ?? ''
  const scopes = scope.split(oauth.scopeSeparator).filter(one => one !== '')
  const unknown = scopes.find(one => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(one))
  const needed = oauth.scopes.length > 0 && !leftOut('scope')
  if ((scopes.length === 0 && needed) || unknown !== undefined) {
    return fault('The scope is missing or malformed', 'RFC 6749 §3.3')
  }
  const state = query.get('state')
  if (!state) return fault('The state is missing', 'Without it anyone could finish a consent in your user’s name.')
  const challenge = query.get('code_challenge')
  if (challenge !== null && query.get('code_challenge_method') !== 'S256') {
    return fault('The code_challenge_method is not S256', 'RFC 7636 §4.2')
  }
  if (challenge === null && oauth.pkce === 'S256') {
    return fault('The code_challenge is missing', 'This provider takes PKCE, RFC 7636 §4.3')
  }
  return { app, redirectUri, redirectTo, scope, scopes, state, challenge, slots }
}

/** The parameters that the definition adds: a fixed one must be there, another one fills slots. */
function readParameters(
  wanted: Record<string, string>,
  query: URLSearchParams,
  slots: Record<string, string>,
): WhsError | undefined {
  for (const [name, template] of Object.entries(wanted)) {
    const found = matchTemplate(template, query.get(name) ?? '')
    if (!found && !hasSlot(template)) {
      return fault(`The parameter ${name} is "${query.get(name) ?? ''}"`, `It must be ${template}.`)
    }
    Object.assign(slots, found)
  }
  return undefined
}

/** By its client id, wherever that stands, else by what its settings say in the URL, else the newest that has a redirect URI. */
function appOf(
  world: World,
  query: URLSearchParams,
  slots: Record<string, string>,
  leftOut: boolean,
): SimulatedApp | WhsError {
  const clientId = query.get('client_id') ?? slots.clientId
  if (clientId !== undefined || !leftOut) {
    const app = clientId === 'default' ? undefined : world.apps.get(clientId ?? '')
    if (app) return app
    const why = 'The simulator forgets its apps when it ends: register it again.'
    return fault(`No app has the client_id "${clientId ?? ''}"`, why)
  }
  const settings = Object.entries(slots).filter(([name]) => name.startsWith('setting.'))
  const app = world.apps
    .list()
    .findLast(
      one => one.redirectUris.length > 0 && settings.every(([name, value]) => one.settings[name.slice(8)] === value),
    )
  return app ?? fault('No app is registered here for this', 'Register it, with a redirect URI.')
}

function fault(what: string, why: string): WhsError {
  return new WhsError({ code: 'bad-consent', exit: exits.consent, what, why })
}
