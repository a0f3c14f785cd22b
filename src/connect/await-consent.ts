import { setTimeout as sleep } from 'node:timers/promises'
import { exits, WhsError } from '../core/errors.ts'
import { durationText } from '../core/text.ts'
import type { Consent, ConsentFailure, ConsentOutcome } from '../store/consent-ops.ts'
import { againCommand } from './again-command.ts'
import { type ConsentDeps, hashOf } from './consent.ts'
import { credentialsOf, noSecret } from './credentials.ts'
import { endWith, finishKept } from './finish.ts'

export interface AwaitOptions {
  timeoutMs: number
  /** Gives the consent up, as a person's Ctrl-C does. */
  signal?: AbortSignal
  /** Continue was pressed: the person is at the provider. */
  onGone?(): void
}

const pollMs = 100
/** An exchange that is under way is waited for beyond the end, since its tokens may be here any moment. */
const exchangeMs = 60_000

/**
 * Waits until a consent is done or failed, whichever process finishes it, and finishes it here where another one kept the
 * callback. Ends the consent when the time runs out (`consent-timeout`, exit 9) or the signal comes (`consent-cancelled`,
 * exit 130), so that nobody can finish it afterwards.
 * @throws WhsError `no-link` (exit 5)
 */
export async function awaitConsent(
  deps: ConsentDeps,
  link: string,
  { timeoutMs, signal, onGone }: AwaitOptions,
): Promise<ConsentOutcome> {
  const deadline = deps.now() + timeoutMs
  let isGone = false
  for (;;) {
    const consent = await mustFindConsent(deps, link)
    if (consent.outcome) return consent.outcome
    if (consent.state === 'begun' && !isGone) onGone?.()
    isGone ||= consent.state === 'begun'
    if (consent.state === 'code') await finishHere(deps, consent)
    else if (consent.state === 'exchanging') {
      if (deps.now() > deadline + exchangeMs)
        return endWith(deps, consent, timeoutOf(consent, timeoutMs), ['exchanging'])
    } else if (signal?.aborted) return endWith(deps, consent, cancelledOf(consent), ['open', 'begun'])
    else if (deps.now() >= Math.min(deadline, consent.expiresAt)) {
      return endWith(deps, consent, timeoutOf(consent, timeoutMs), ['open', 'begun'])
    }
    await sleep(pollMs, undefined, signal && !signal.aborted ? { signal } : {}).catch(() => undefined)
  }
}

/** @throws WhsError `no-link` (exit 5) */
export async function mustFindConsent({ store }: Pick<ConsentDeps, 'store'>, link: string): Promise<Consent> {
  const consent = await store.read('findConsent', { linkHash: hashOf(link) })
  if (consent) return consent
  throw new WhsError({
    code: 'no-link',
    exit: exits.unknown,
    what: 'there is no such link',
    why: 'its app was removed, or it ended more than a week ago',
    next: 'whs connect <provider or app>',
  })
}

async function finishHere(deps: ConsentDeps, consent: Consent): Promise<void> {
  const credentials = await credentialsOf(deps, consent)
  if (credentials.missing === null) await finishKept(deps, consent, credentials)
  else await endWith(deps, consent, noSecret(credentials.definition, consent.app, credentials.missing), ['code'])
}

function timeoutOf(consent: Consent, timeoutMs: number): ConsentFailure {
  return {
    code: 'consent-timeout',
    what: `nobody finished the consent within ${durationText(timeoutMs)}`,
    why:
      consent.state === 'open' ? 'the link was never opened and continued' : 'the provider never sent the browser back',
    next: againCommand(consent),
    exit: exits.timeout,
  }
}

function cancelledOf(consent: Consent): ConsentFailure {
  const what = 'the consent was given up here'
  return { code: 'consent-cancelled', what, why: 'interrupted', next: againCommand(consent), exit: exits.interrupted }
}
