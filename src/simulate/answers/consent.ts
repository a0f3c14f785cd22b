import { Buffer } from 'node:buffer'
import { signCallback } from '../../core/callback-signature.ts'
import { exits, WhsError } from '../../core/errors.ts'
import { fillUrl } from '../../core/url-template.ts'
import type { Reply, RouteRequest } from '../../net/door.ts'
import { type Company, companiesAt, findCompany } from '../companies.ts'
import { consentPage, refusedPage } from '../pages/consent-page.ts'
import type { World } from '../world.ts'
import { type Asked, readAsked } from './asked.ts'
import { writeIdentity } from './identity.ts'
import { slotsBehind } from './match-template.ts'
import { type Place, placeOf } from './match-url.ts'

/** The consent page: checks what the app asks for, and lets a person choose a company and allow or refuse. */
export function showConsent(world: World, request: RouteRequest): Reply {
  const asked = readAsked(world, placeOf(world.definition, request) as Place)
  if (asked instanceof WhsError) return refusedPage(world, asked)
  const choices = companiesAt(world.definition, world.companies, asked.slots)
  if (choices.length === 0) return refusedPage(world, nobody(world, asked))
  return consentPage(world, asked, choices, request.url)
}

/**
 * The person's decision: a form with `decision` (`allow` or `refuse`) and `account` (several where the provider lets a
 * person tick several), posted to the very URL of the consent page. Redirects to the app, with a code, the state and what
 * the provider tells of the account (RFC 6749 §4.1.2), or with `access_denied`.
 */
export function takeConsent(world: World, request: RouteRequest): Reply {
  const asked = readAsked(world, placeOf(world.definition, request) as Place)
  if (asked instanceof WhsError) return refusedPage(world, asked)
  const { form } = request
  const { denied } = world.definition.oauth
  if (form.get('decision') !== 'allow') return redirect(world, asked, { error: denied?.[0] ?? 'access_denied' })
  const choices = companiesAt(world.definition, world.companies, asked.slots)
  const companies = form.getAll('account').flatMap(text => findCompany(choices, text) ?? [])
  if (companies.length === 0) return refusedPage(world, fault('No company was chosen', 'Go back and choose one.'))
  if (companies.length > 1 && world.definition.identity.items === undefined) {
    return refusedPage(world, fault('Several companies were chosen', 'A consent here is for one of them.'))
  }
  const decision = { clientId: asked.app.clientId, companies, scope: asked.scope }
  const told = toldOf(world, companies, asked.scope)
  if (world.definition.oauth.kind === 'callback') {
    world.grants.connect(decision)
    return redirect(world, asked, told)
  }
  return redirect(world, asked, { code: world.grants.makeCode(decision, asked.redirectUri, asked.challenge), ...told })
}

/** What the callback tells of the account, besides code and state. */
function toldOf({ definition, fixtures }: World, companies: Company[], scope: string): Record<string, string> {
  const [company] = companies as [Company]
  const names = slotsBehind(definition, 'callback.').filter(name => name !== 'code' && name !== 'state')
  const reply = JSON.parse(fixtures.token.toString()) as Record<string, unknown>
  const known: Record<string, unknown> = { ...reply, scope, ...company.values, ...company.slots }
  const told = Object.fromEntries(names.map(name => [name, textOf(known[name] ?? 'simulated')]))
  const { from } = definition.identity
  if (from !== 'callback' && from !== 'token') return told
  const document = writeIdentity(definition, Buffer.from(JSON.stringify(told)), companies)
  const written = Object.entries(JSON.parse(document.toString()) as Record<string, unknown>)
  // A token reply says it in the same words as its callback, and more that only it says.
  const own = written.filter(([name]) => from === 'callback' || names.includes(name))
  return Object.fromEntries(own.map(([name, value]) => [name, textOf(value)]))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function redirect({ definition, hosts }: World, asked: Asked, answer: Record<string, string>): Reply {
  const url = new URL(asked.redirectTo)
  const { callbackSignature, issuer } = definition.oauth
  const all: Record<string, string> = { ...answer, state: asked.state }
  if (issuer !== undefined) all.iss = fillUrl(issuer, hosts, asked.slots)
  if (callbackSignature) {
    const { parameter, secret } = callbackSignature
    all[parameter] = signCallback(callbackSignature, new URLSearchParams(all), asked.app.secrets[secret] ?? '')
  }
  for (const [name, value] of Object.entries(all)) url.searchParams.set(name, value)
  return { status: 302, headers: { location: url.href, 'cache-control': 'no-store' } }
}

function nobody({ companies }: World, { slots }: Asked): WhsError {
  const known = companies.map(company => Object.entries(company.slots).map(([name, value]) => `${name} ${value}`))
  const asked = Object.entries(slots).filter(([name]) => companies.some(company => name in company.slots))
  const what = `Nobody here has the ${asked.map(([name, value]) => `${name} "${value}"`).join(' and ')}`
  return fault(what, `There are: ${known.map(one => one.join(', ')).join('; ')}`)
}

function fault(what: string, why: string): WhsError {
  return new WhsError({ code: 'bad-consent', exit: exits.consent, what, why })
}
