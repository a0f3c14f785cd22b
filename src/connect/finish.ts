import { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { Slots } from '../core/fill-text.ts'
import { clip, safeText } from '../core/text.ts'
import { answerContext } from '../core/value.ts'
import type {
  ClaimedConsent,
  ConnectionResult,
  Consent,
  ConsentFailure,
  ConsentOutcome,
  ConsentState,
} from '../store/consent-ops.ts'
import { endMovedHooks, type MovedAccount } from './activation/end-moved-hooks.ts'
import { againCommand } from './again-command.ts'
import { checkCallback, checkIssuer } from './check-callback.ts'
import { type Choice, chooseAccounts } from './choose.ts'
import { type ConsentContext, type ConsentDeps, contextOf } from './consent.ts'
import { type Credentials, secretSlots } from './credentials.ts'
import { type Exchange, exchangeCode, type TokenSet } from './exchange.ts'
import { claimedIdentities, type Identified, providedIdentities } from './identify.ts'
import { proveIdentity } from './prove.ts'
import { accessSlots, callbackValues, type Filling, learnedSlots, prefixed } from './slots.ts'
import { isPersonsWord } from './wish.ts'

export interface CallbackInHand {
  /** The query that the provider sent the browser back with; its state has met the consent. */
  query: string
  credentials: Credentials
}

/**
 * Finishes a consent whose callback is in this process's hands. One process alone gets to exchange; null for the
 * others, and the outcome is then found in the store. Never throws for what belongs to the consent: it fails with it.
 */
export async function finishCallback(
  deps: ConsentDeps,
  consent: Consent,
  { query, credentials }: CallbackInHand,
): Promise<ConsentOutcome | null> {
  const claimed = await claim(deps, consent, 'begun')
  return claimed && finishClaimed(deps, consent, { ...claimed, callback: query }, credentials)
}

/** The same for a callback that another process kept (state `code`). */
export async function finishKept(
  deps: ConsentDeps,
  consent: Consent,
  credentials: Credentials,
): Promise<ConsentOutcome | null> {
  const claimed = await claim(deps, consent, 'code')
  return claimed && finishClaimed(deps, consent, claimed, credentials)
}

function claim(deps: ConsentDeps, { linkHash, stateHash }: Consent, from: 'begun' | 'code') {
  return deps.store.write('claimExchange', { linkHash, stateHash: stateHash ?? '', from })
}

async function finishClaimed(
  deps: ConsentDeps,
  consent: Consent,
  claimed: ClaimedConsent,
  credentials: Credentials,
): Promise<ConsentOutcome> {
  try {
    const connections = await connect(deps, await contextOf(deps, consent), claimed, credentials)
    return tell(deps, consent, { ok: true, connections })
  } catch (error) {
    return endWith(deps, consent, failureOf(error), ['exchanging'])
  }
}

async function connect(
  deps: ConsentDeps,
  context: ConsentContext,
  { callback: query, verifier }: ClaimedConsent,
  credentials: Credentials,
): Promise<ConnectionResult[]> {
  const { consent, app, definition } = context
  const callback = new URLSearchParams(query ?? '')
  checkCallback(context, callback, credentials.secrets)
  const claimed = claimedIdentities(context, callback)
  const given = { ...secretSlots(credentials), ...prefixed('callback', callbackValues(callback)), ...context.slots }
  const { tokens, reply } = await tokensOf(deps, context, { callback, verifier, slots: given })
  const slots = { ...given, ...tokenSlots(context, tokens, reply) }
  const filling = { hosts: context.hosts, slots }
  const identities = claimed ?? (await providedIdentities(deps, context, { reply, filling }))
  const choices = await chooseAccounts(deps, context, await proved(deps, context, identities, filling))
  const isMove = consent.wish.claim === 'move' && !isPersonsWord(definition)
  const leftHooks = isMove ? await endMovedHooks(deps, app.name, choices.flatMap(movedBy)) : []
  const kept = { ...consent.wish.slots, ...learnedFrom(context, reply) }
  return deps.store.write('finishConsent', {
    linkHash: consent.linkHash,
    app: app.name,
    claim: isPersonsWord(definition) ? null : consent.wish.claim,
    release: consent.wish.release,
    identities: choices.map(({ tenant, identity }) => ({
      tenant,
      accounts: identity.accounts,
      slots: { ...kept, ...identity.slots },
    })),
    leftHooks,
    ...tokens,
  })
}

function movedBy({ tenant, identity }: Choice): MovedAccount[] {
  return identity.accounts.map(({ kind, value }) => ({ kind, value, to: 'name' in tenant ? tenant.name : null }))
}

/** The tokens of a code; none where the provider gives none, and calls are made with the app's own credentials. */
async function tokensOf(
  deps: ConsentDeps,
  context: ConsentContext,
  exchange: Exchange,
): Promise<{ tokens: TokenSet; reply: Buffer }> {
  if (context.definition.oauth.kind === 'code') return exchangeCode(deps, context, exchange)
  const tokens = { access: null, refresh: null, accessExpiresAt: null, refreshExpiresAt: null }
  return { tokens: { ...tokens, scopes: context.consent.scopes }, reply: Buffer.from('{}') }
}

function tokenSlots(context: ConsentContext, { access }: TokenSet, reply: Buffer): Slots {
  return { ...learnedFrom(context, reply), ...(access === null ? {} : { token: access, ...accessSlots(access) }) }
}

function learnedFrom({ definition }: ConsentContext, reply: Buffer): Slots {
  const answer = answerContext(reply)
  const { learn } = definition.oauth.reply ?? {}
  return answer && learn ? learnedSlots(answer, learn, definition.company) : {}
}

/** Proves one after the other: a provider is not asked many things at once. */
async function proved(
  deps: ConsentDeps,
  context: ConsentContext,
  identities: Identified[],
  filling: Filling,
): Promise<Identified[]> {
  const all: Identified[] = []
  for (const identity of identities) all.push(await proveIdentity(deps, context, identity, filling))
  return all
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

/** What the provider says when it sends somebody back without a code (RFC 6749 section 4.1.2.1), or that it is not the provider. */
export function refusalOf(context: ConsentContext, query: URLSearchParams): ConsentFailure {
  try {
    checkIssuer(context, query)
  } catch (error) {
    return failureOf(error)
  }
  const { consent, definition } = context
  const { company, oauth } = definition
  const error = query.get('error') ?? ''
  const said = [error, query.get('error_description')].filter(Boolean).join(': ')
  const denied = ['access_denied', ...(oauth.denied ?? [])].includes(error)
  return {
    code: denied ? 'consent-denied' : 'consent-failed',
    what: denied ? `the person refused at ${company}` : `${company} did not give the consent`,
    why: `it said ${clip(safeText(said), 200)}`,
    next: againCommand(consent),
    exit: exits.consent,
  }
}

/** Whether a callback brings what a consent is finished with. */
export function isAnswer({ oauth }: Pick<ProviderDefinition, 'oauth'>, query: URLSearchParams): boolean {
  return oauth.kind === 'code' ? query.has('code') : [...query.keys()].some(name => name !== 'state')
}

function failureOf(error: unknown): ConsentFailure {
  if (error instanceof WhsError) {
    const { code, message: what, why = null, next = null, exit } = error
    return { code, what, why, next, exit }
  }
  const why = clip(safeText((error as Error).message), 200)
  return { code: 'fault', what: 'the consent could not be finished', why, next: 'whs doctor', exit: exits.fault }
}
