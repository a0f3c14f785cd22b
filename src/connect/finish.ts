import { exits, WhsError } from '../core/errors.ts'
import { clip, safeText } from '../core/text.ts'
import type { ClaimedConsent, Consent, ConsentFailure, ConsentOutcome, ConsentState } from '../store/consent-ops.ts'
import { againCommand, type ConsentContext, type ConsentDeps, contextOf, mustFindApp } from './consent.ts'
import { exchangeCode } from './exchange.ts'
import { planTenant } from './plan-tenant.ts'
import { claimedAccount, proveAccount } from './prove.ts'

/** The client secret by which this process could exchange a code; undefined where it cannot see one. */
export async function clientSecretOf(deps: ConsentDeps, consent: Consent): Promise<string | undefined> {
  const app = await mustFindApp(deps, consent.app)
  const [newest] = await deps.secretsOf(app, 'client')
  return newest?.value
}

export interface CallbackInHand {
  /** The query that the provider sent the browser back with; its state has met the consent. */
  query: string
  secret: string
}

/**
 * Finishes a consent whose callback is in this process's hands. One process alone gets to exchange; null for the
 * others, and the outcome is then found in the store. Never throws for what belongs to the consent: it fails with it.
 */
export async function finishCallback(
  deps: ConsentDeps,
  consent: Consent,
  { query, secret }: CallbackInHand,
): Promise<ConsentOutcome | null> {
  const claimed = await claim(deps, consent, 'begun')
  return claimed && finishClaimed(deps, consent, { ...claimed, callback: query }, secret)
}

/** The same for a callback that another process kept (state `code`). */
export async function finishKept(deps: ConsentDeps, consent: Consent, secret: string): Promise<ConsentOutcome | null> {
  const claimed = await claim(deps, consent, 'code')
  return claimed && finishClaimed(deps, consent, claimed, secret)
}

function claim(deps: ConsentDeps, { linkHash, stateHash }: Consent, from: 'begun' | 'code') {
  return deps.store.write('claimExchange', { linkHash, stateHash: stateHash ?? '', from })
}

async function finishClaimed(
  deps: ConsentDeps,
  consent: Consent,
  claimed: ClaimedConsent,
  secret: string,
): Promise<ConsentOutcome> {
  try {
    const connection = await connect(deps, await contextOf(deps, consent), claimed, secret)
    return tell(deps, consent, { ok: true, connection })
  } catch (error) {
    return endWith(deps, consent, failureOf(error), ['exchanging'])
  }
}

async function connect(deps: ConsentDeps, context: ConsentContext, claimed: ClaimedConsent, secret: string) {
  const { consent, app } = context
  const callback = new URLSearchParams(claimed.callback ?? '')
  const account = claimedAccount(context, callback)
  const tokens = await exchangeCode(deps, context, { callback, verifier: claimed.verifier, secret })
  const proved = await proveAccount(deps, context, account, tokens.access)
  return deps.store.write('finishConsent', {
    linkHash: consent.linkHash,
    app: app.name,
    tenant: await planTenant(deps, context, proved),
    claim: consent.wish.claim,
    release: consent.wish.release,
    accounts: [proved],
    ...tokens,
  })
}

/** Ends a consent badly if it is in one of the states, and tells. */
export async function endWith(
  deps: ConsentDeps,
  consent: Consent,
  failure: ConsentFailure,
  from: ConsentState[],
): Promise<ConsentOutcome> {
  const outcome: ConsentOutcome = { ok: false, failure }
  if (await deps.store.write('failConsent', { linkHash: consent.linkHash, from, failure })) {
    return tell(deps, consent, outcome)
  }
  const present = await deps.store.read('findConsent', { linkHash: consent.linkHash })
  return present?.outcome ?? outcome
}

function tell(deps: ConsentDeps, { app, wish }: Consent, outcome: ConsentOutcome): ConsentOutcome {
  deps.onOutcome?.({ app, wish, outcome })
  return outcome
}

/** What the provider says when it sends somebody back without a code (RFC 6749 section 4.1.2.1). */
export function refusalOf(consent: Consent, company: string, query: URLSearchParams): ConsentFailure {
  const error = query.get('error') ?? ''
  const said = [error, query.get('error_description')].filter(Boolean).join(': ')
  const denied = error === 'access_denied'
  return {
    code: denied ? 'consent-denied' : 'consent-failed',
    what: denied ? `the person refused at ${company}` : `${company} did not give the consent`,
    why: `it said ${clip(safeText(said), 200)}`,
    next: againCommand(consent),
    exit: exits.consent,
  }
}

function failureOf(error: unknown): ConsentFailure {
  if (error instanceof WhsError) {
    const { code, message: what, why = null, next = null, exit } = error
    return { code, what, why, next, exit }
  }
  const why = clip(safeText((error as Error).message), 200)
  return { code: 'fault', what: 'the consent could not be finished', why, next: 'whs doctor', exit: exits.fault }
}
