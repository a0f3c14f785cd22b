import { timingSafeEqual } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { WhsError } from '../core/errors.ts'
import type { Reply, Route, RouteRequest } from '../net/door.ts'
import type { Consent } from '../store/consent-ops.ts'
import { depart } from './authorize.ts'
import { type ConsentContext, type ConsentDeps, contextOf, hashOf } from './consent.ts'
import { credentialsOf } from './credentials.ts'
import { endWith, finishCallback, isAnswer, refusalOf } from './finish.ts'
import { takeLeave } from './leave-callback.ts'
import {
  askPage,
  donePage,
  emptyCallbackPage,
  expiredPage,
  failedPage,
  faultPage,
  otherBrowserPage,
  unknownPage,
  waitPage,
  wrongStatePage,
} from './pages.ts'
import { callbackPath } from './redirect.ts'

const lookEveryMs = 50
const lookTimes = 60
/** For how long after its end a claimed exchange is still believed to be under way. */
const exchangeMs = 60_000

/**
 * The consent's part of the public door: the link's page, its Continue, and the provider's callback. Looking (GET) changes
 * nothing, so that previews of a link do no harm; a callback counts only with the cookie of the browser that pressed
 * Continue and the newest state.
 */
export function consentRoutes(deps: ConsentDeps): Route[] {
  return [
    { method: 'GET', path: '/connect/:link', handle: guarded(request => showLink(deps, request)) },
    { method: 'POST', path: '/connect/:link', handle: guarded(request => continueLink(deps, request)) },
    { method: 'GET', path: callbackPath(':app'), handle: guarded(request => takeCallback(deps, request)) },
    { method: 'DELETE', path: callbackPath(':app'), handle: guarded(request => takeLeave(deps, request)) },
  ]
}

function guarded(handle: (request: RouteRequest) => Promise<Reply>): Route['handle'] {
  return async request => {
    try {
      return await handle(request)
    } catch (error) {
      if (error instanceof WhsError) return faultPage()
      throw error
    }
  }
}

async function showLink(deps: ConsentDeps, { params }: RouteRequest): Promise<Reply> {
  const consent = await deps.store.read('findConsent', { linkHash: hashOf(params.link ?? '') })
  return consent ? presentPage(deps, await contextOf(deps, consent)) : unknownPage()
}

/** The page that fits the consent as it stands. */
function presentPage(deps: ConsentDeps, context: ConsentContext): Reply {
  const { state, outcome, expiresAt } = context.consent
  if (outcome) return outcome.ok ? donePage(context, outcome.connections) : failedPage(outcome.failure)
  if (state === 'code' || state === 'exchanging') {
    return deps.now() > expiresAt + exchangeMs ? expiredPage() : waitPage(context)
  }
  return deps.now() >= expiresAt ? expiredPage() : askPage(context, deps.now())
}

async function continueLink(deps: ConsentDeps, request: RouteRequest): Promise<Reply> {
  const linkHash = hashOf(request.params.link ?? '')
  const consent = await deps.store.read('findConsent', { linkHash })
  if (!consent) return unknownPage()
  const context = await contextOf(deps, consent)
  // Our own page was seen first: another site's form must not send its visitors to the provider.
  const from = request.headers['sec-fetch-site'] ?? 'same-origin'
  const departure = from === 'same-origin' || from === 'none' ? await depart(deps, context) : null
  if (!departure) return showLink(deps, request)
  return {
    status: 303,
    headers: {
      location: departure.url,
      'set-cookie': cookieOf(consent, departure.cookie, deps.now()),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    },
  }
}

/** One cookie a consent, so that two that are begun side by side do not undo each other. */
function cookieName({ linkHash }: Consent): string {
  return `whs_consent_${linkHash.slice(0, 12)}`
}

function cookieOf(consent: Consent, value: string, now: number): string {
  const { protocol, pathname } = new URL(consent.redirectUri)
  const seconds = Math.max(Math.ceil((consent.expiresAt - now) / 1000), 1)
  const attributes = `Path=${pathname}; Max-Age=${seconds}; HttpOnly; SameSite=Lax`
  return `${cookieName(consent)}=${value}; ${attributes}${protocol === 'https:' ? '; Secure' : ''}`
}

async function takeCallback(deps: ConsentDeps, { params, query, cookies }: RouteRequest): Promise<Reply> {
  const state = query.getAll('state')
  const consent = await deps.store.read('findConsentByState', { stateHash: hashOf(state[0] ?? '') })
  if (!consent || state.length !== 1 || consent.app !== params.app) {
    deps.onOdd?.(
      'a browser came back with the answer to an older try, or to none of ours: press Continue on the link again',
    )
    return wrongStatePage()
  }
  if (!sameHash(consent.cookieHash, cookies[cookieName(consent)])) {
    deps.onOdd?.(
      'another browser came back than the one in which Continue was pressed: open the link again in one browser',
    )
    return otherBrowserPage()
  }
  if (consent.state === 'begun' && deps.now() < consent.expiresAt) {
    const context = await contextOf(deps, consent)
    const { definition } = context
    if (query.has('error')) await endWith(deps, consent, refusalOf(context, query), ['begun'])
    else if (isAnswer(definition, query)) await passOn(deps, consent, query.toString())
    else {
      deps.onOdd?.(`${definition.company} sent the browser back without a result: open the link again`)
      return emptyCallbackPage()
    }
  }
  return presentPage(deps, await contextOf(deps, await settled(deps, consent)))
}

function sameHash(hash: string | null, cookie: string | undefined): boolean {
  if (hash === null || cookie === undefined) return false
  return timingSafeEqual(Buffer.from(hash), Buffer.from(hashOf(cookie)))
}

/** Finishes here, or leaves it to the process that waits: it has a person to ask, or a secret that this one cannot see. */
async function passOn(deps: ConsentDeps, consent: Consent, query: string): Promise<void> {
  const credentials = consent.wish.asks ? null : await credentialsOf(deps, consent)
  if (credentials?.missing === null) await finishCallback(deps, consent, { query, credentials })
  else {
    const { linkHash, stateHash } = consent
    await deps.store.write('keepCallback', { linkHash, stateHash: stateHash ?? '', callback: query })
  }
}

/** Waits a little for an exchange that is under way, so that most people never see the page that asks them to. */
async function settled(deps: ConsentDeps, { linkHash }: Consent): Promise<Consent> {
  for (let look = 1; ; look++) {
    const consent = (await deps.store.read('findConsent', { linkHash })) as Consent
    const isUnderWay = consent.state === 'code' || consent.state === 'exchanging'
    if (!isUnderWay || look >= lookTimes) return consent
    await sleep(lookEveryMs)
  }
}
