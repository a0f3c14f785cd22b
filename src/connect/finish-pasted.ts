import { exits, WhsError } from '../core/errors.ts'
import type { ConsentOutcome } from '../store/consent-ops.ts'
import { depart } from './authorize.ts'
import { awaitConsent, mustFindConsent } from './await-consent.ts'
import { type ConsentDeps, contextOf, hashOf } from './consent.ts'
import { credentialsOf, noSecret } from './credentials.ts'
import { endWith, finishCallback, isAnswer, refusalOf } from './finish.ts'

/**
 * The provider's own address for a consent, for a browser that cannot reach our page (a terminal on another machine). Its
 * callback is not taken in a browser, only by `finishPasted`. Null where the consent is over.
 * @throws WhsError `no-link` (exit 5)
 */
export async function departAtTerminal(deps: ConsentDeps, link: string): Promise<string | null> {
  const context = await contextOf(deps, await mustFindConsent(deps, link))
  return (await depart(deps, context))?.url ?? null
}

/**
 * Finishes a consent by the address to which the provider sent the browser, pasted by a person. The state must be the
 * newest; the cookie cannot come along, so this is for the process that made the link alone, at its terminal.
 * @throws WhsError `not-the-redirect`, `wrong-state` (exit 2), after which another paste is welcome, and `no-link` (exit 5)
 */
export async function finishPasted(deps: ConsentDeps, link: string, pasted: string): Promise<ConsentOutcome> {
  const consent = await mustFindConsent(deps, link)
  if (consent.outcome) return consent.outcome
  const url = pastedUrl(pasted, consent.redirectUri)
  const state = url.searchParams.getAll('state')
  if (state.length !== 1 || consent.stateHash !== hashOf(state[0] as string)) {
    const why = 'it belongs to an older try, or to another link'
    throw refused('wrong-state', 'the pasted address does not answer this link', why)
  }
  const context = await contextOf(deps, consent)
  const { definition } = context
  if (url.searchParams.has('error')) {
    return endWith(deps, consent, refusalOf(context, url.searchParams), ['begun'])
  }
  if (!isAnswer(definition, url.searchParams)) {
    const what =
      definition.oauth.kind === 'code' ? 'the pasted address holds no code' : 'the pasted address holds nothing'
    throw refused('not-the-redirect', what, 'it was perhaps cut off when it was copied')
  }
  const credentials = await credentialsOf(deps, consent)
  if (credentials.missing !== null) {
    return endWith(deps, consent, noSecret(definition, consent.app, credentials.missing), ['begun'])
  }
  const outcome = await finishCallback(deps, consent, { query: url.searchParams.toString(), credentials })
  return outcome ?? awaitConsent(deps, link, { timeoutMs: 0 })
}

function pastedUrl(pasted: string, redirect: string): URL {
  const text = pasted.trim().replace(/^(["'<])(.*)["'>]$/, '$2')
  const wanted = new URL(redirect)
  if (URL.canParse(text)) {
    const url = new URL(text)
    if (url.origin === wanted.origin && url.pathname === wanted.pathname) return url
  }
  throw refused(
    'not-the-redirect',
    'that is not the address to paste',
    `the one that is wanted begins with ${redirect}?`,
  )
}

function refused(code: string, what: string, why: string): WhsError {
  const next = 'copy the whole address that the browser ended at, and paste it here'
  return new WhsError({ code, exit: exits.usage, what, why, next })
}
