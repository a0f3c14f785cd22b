import { exits, WhsError } from '../core/errors.ts'
import type { Reply, RouteRequest } from '../net/door.ts'
import type { SimulatedApp } from './apps.ts'
import { findCompany } from './companies.ts'
import { consentPage, refusedPage } from './consent-page.ts'
import type { World } from './world.ts'

/** A request for consent that is in order. */
interface Asked {
  app: SimulatedApp
  redirectUri: string
  scopes: string[]
  state: string
  challenge: string | null
}

/** The consent page: checks what the app asks for, and lets a person choose a company and allow or refuse. */
export function showConsent(world: World, request: RouteRequest): Reply {
  const asked = readAsked(world, request.query)
  if (asked instanceof WhsError) return refusedPage(world, asked)
  return consentPage(world, asked.app, asked.scopes, request.url)
}

/**
 * The person's decision: a form with `decision` (`allow` or `refuse`) and `account`, posted to the very URL of the consent
 * page. Redirects to the app, with a code, the state and the account (RFC 6749 §4.1.2), or with `access_denied`.
 */
export function takeConsent(world: World, request: RouteRequest): Reply {
  const asked = readAsked(world, request.query)
  if (asked instanceof WhsError) return refusedPage(world, asked)
  const { form } = request
  if (form.get('decision') !== 'allow') return redirect(asked, { error: 'access_denied' })
  const company = findCompany(world.companies, form.get('account') ?? '')
  if (!company) return refusedPage(world, fault('No company was chosen', 'Go back and choose one.'))
  const answer: Record<string, string> = {}
  for (const { kind, consent } of world.definition.accounts) answer[consent.parameter] = company.values[kind] ?? ''
  const code = world.grants.makeCode(asked.app.clientId, company, asked.redirectUri, asked.challenge)
  return redirect(asked, { code, ...answer })
}

function redirect({ redirectUri, state }: Asked, answer: Record<string, string>): Reply {
  const url = new URL(redirectUri)
  for (const [name, value] of Object.entries({ ...answer, state })) url.searchParams.set(name, value)
  return { status: 302, headers: { location: url.href, 'cache-control': 'no-store' } }
}

function readAsked(world: World, query: URLSearchParams): Asked | WhsError {
  const { definition } = world
  const clientId = query.get('client_id') ?? ''
  const app = world.apps.get(clientId)
  if (!app || clientId === 'default') {
    return fault(
      `No app has the client_id "${clientId}"`,
      'The simulator forgets its apps when it ends: register it again.',
    )
  }
  const redirectUri = query.get('redirect_uri') ?? ''
  if (!app.redirectUris.includes(redirectUri)) {
    const known = app.redirectUris.length > 0 ? `Registered: ${app.redirectUris.join(', ')}` : 'None is registered.'
    return fault(`The redirect_uri "${redirectUri}" is not one of this app’s`, known)
  }
  const responseType = query.get('response_type')
  if (responseType !== 'code') return fault(`The response_type is "${responseType ?? ''}"`, 'It must be code.')
  const scopes = (query.get('scope') ?? '').split(definition.oauth.scopeSeparator).filter(scope => scope !== '')
  const unknown = scopes.find(scope => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
  if (scopes.length === 0 || unknown !== undefined) return fault('The scope is missing or malformed', 'RFC 6749 §3.3')
  const state = query.get('state')
  if (!state) return fault('The state is missing', 'Without it anyone could finish a consent in your user’s name.')
  const challenge = query.get('code_challenge')
  if (challenge !== null && query.get('code_challenge_method') !== 'S256') {
    return fault('The code_challenge_method is not S256', 'RFC 7636 §4.2')
  }
  return { app, redirectUri, scopes, state, challenge }
}

function fault(what: string, why: string): WhsError {
  return new WhsError({ code: 'bad-consent', exit: exits.consent, what, why })
}
