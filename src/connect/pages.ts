import { durationText } from '../core/text.ts'
import { fillUrl } from '../core/url-template.ts'
import type { Reply } from '../net/door.ts'
import type { ConnectionResult } from '../store/consent-ops.ts'
import type { ConsentContext } from './consent.ts'
import { pageReply } from './page.ts'

/** Who asks whom for what, before anything has happened. */
export function askPage({ consent, app, definition, hosts, slots }: ConsentContext, now: number): Reply {
  const authorize = new URL(fillUrl(definition.oauth.authorizeUrl, hosts, slots))
  const [noun, tenant] = [nounOf(definition), tenantOf(consent.wish.tenants)]
  return pageReply({
    status: 200,
    mark: 'ask',
    title: `Connect ${definition.name}`,
    lead: `At ${definition.company} you choose a ${noun} and allow access, or refuse. Nothing is shared before that.`,
    facts: [
      { name: 'Asked by', value: app.name, chip: app.env },
      ...(tenant ? [{ name: 'For', value: tenant }] : []),
      ...(consent.scopes.length > 0 ? [{ name: 'Access to', value: consent.scopes.join(' '), code: true }] : []),
      { name: 'Leads to', value: authorize.host, code: true },
    ],
    button: `Continue to ${definition.company}`,
    ...(authorize.protocol === 'http:' ? { formTo: authorize.origin } : {}),
    notes: [
      `This link works once, for another ${durationText(Math.max(consent.expiresAt - now, 1000))}. Not expecting it? Close this window.`,
      ...(isNgrok(consent.redirectUri)
        ? [
            'This address is served through ngrok. If a page of ngrok’s own comes up on the way, press Visit Site there: nothing is lost.',
          ]
        : []),
    ],
  })
}

function nounOf({ accounts }: ConsentContext['definition']): string {
  return accounts[0]?.noun ?? 'account'
}

function tenantOf(tenants: { tenant: string }[]): string | undefined {
  return tenants.length === 1 ? tenants[0]?.tenant : undefined
}

function isNgrok(url: string): boolean {
  return /\.ngrok(-free)?\.(app|dev|io|pizza)$/.test(new URL(url).hostname)
}

/** The consent is done. Names of other tenants that have the account too are not shown. */
export function donePage({ app, definition }: ConsentContext, connections: ConnectionResult[]): Reply {
  const [only, ...others] = connections
  const name = only?.accounts[0]?.name ?? definition.name
  const events = connections.reduce((sum, { released }) => sum + released.events, 0)
  const word = (kind: string): string => definition.accounts.find(one => one.kind === kind)?.word ?? 'Account'
  return pageReply({
    status: 200,
    mark: 'done',
    title: others.length === 0 ? `${name} is connected` : `${connections.length} accounts are connected`,
    lead: `${eventsText(definition, others.length > 0)} You can close this window.`,
    facts: [
      ...connections.flatMap(({ tenants, accounts }) => [
        { name: 'Tenant', value: tenants[0] ?? '' },
        ...accounts.map(({ id, kind }) => ({ name: word(kind), value: id, code: true })),
      ]),
      { name: 'App', value: app.name, chip: app.env },
    ],
    notes:
      events > 0 ? [`${events === 1 ? '1 event' : `${events} events`} had waited for this and went out just now.`] : [],
  })
}

/** Where each tenant or thing has a hook of its own, the consent alone brings no event. */
function eventsText({ name, activation }: ConsentContext['definition'], several: boolean): string {
  if (activation.per === 'app') return `${several ? 'Their' : 'Its'} ${name} webhooks are delivered from now on.`
  const [whose, what] = [several ? 'Their' : 'Its', several ? 'them' : 'it']
  const unit = activation.per === 'resource' ? `each ${activation.noun ?? 'resource'} of ${what}` : what
  return `${whose} events come as soon as a webhook for ${unit} is set up at ${name}, which is up to whoever sent you here.`
}

/**
 * The code is here, and is being exchanged, perhaps by another process. Where a terminal may ask, the page is final: the
 * door may close with that command, and a page that loads itself again would end in the browser's own error.
 */
export function waitPage({ consent, definition }: ConsentContext): Reply {
  const yes = `${definition.company} has said yes.`
  return pageReply({
    status: 200,
    mark: 'wait',
    ...(consent.wish.asks
      ? { title: 'Go on in your terminal', lead: `${yes} It has a question there. You can close this window.` }
      : { title: 'Almost there', lead: `${yes} The connection is being finished.`, refreshSeconds: 2 }),
  })
}

/** Told to whom the link was sent, so in general words: the details are the builder's, at the terminal. */
interface FailureText {
  title: string
  lead: string
  status?: number
}

const failures: Record<string, FailureText> = {
  'consent-denied': { title: 'Access was refused', lead: 'You did not allow it, so nothing was connected.' },
  'account-taken': {
    title: 'This one is connected already',
    lead: 'What you chose belongs to somebody else here, and is never shared or moved silently.',
  },
  'account-not-wished': {
    title: 'Another one was expected',
    lead: 'What you chose is not what this link is for. Nothing was connected.',
  },
  'proof-refused': {
    title: 'This could not be proved',
    lead: 'The address that brought you back names an account that your consent cannot read. Nothing was connected.',
  },
  'callback-forged': {
    title: 'This could not be proved',
    lead: 'The address that brought you back was not made by the provider. Nothing was connected.',
  },
  'which-account': {
    title: 'Which one is not clear',
    lead: 'You allowed several, and it was not said which are meant. Nothing was connected.',
  },
  'nothing-chosen': { title: 'Nothing was chosen', lead: 'None of what you allowed was taken. Nothing was connected.' },
  'consent-timeout': { title: 'This took too long', lead: 'The other side stopped waiting. Nothing was connected.' },
  'consent-cancelled': { title: 'This was given up', lead: 'The other side stopped waiting. Nothing was connected.' },
}

const apiFailed: FailureText = {
  title: 'The provider did not answer as it should',
  lead: 'Your consent arrived, but it could not be checked, so nothing was connected. Try again in a moment.',
  status: 502,
}
const otherwise: FailureText = {
  title: 'It did not work',
  lead: 'Nothing was connected. Whoever sent you here sees the reason.',
}
const again = 'To try again, ask for a new link (or run whs connect again, if it was you).'

/** The consent failed, with an exit code of `exits`. */
export function failedPage({ code, exit }: { code: string; exit: number }): Reply {
  const { title, lead, status = 400 } = failures[code] ?? (exit === 10 ? apiFailed : otherwise)
  return pageReply({ status, mark: 'stop', title, lead, notes: [again] })
}

export function expiredPage(): Reply {
  const lead = 'It was good for a limited time only. Nothing was connected.'
  return pageReply({ status: 410, mark: 'stop', title: 'This link has expired', lead, notes: [again] })
}

export function unknownPage(): Reply {
  const lead = 'Perhaps the address was cut off when it was copied. Links are long; open it whole.'
  return pageReply({ status: 404, mark: 'stop', title: 'There is no such link', lead, notes: [again] })
}

/** A callback whose state no consent has (any more). */
export function wrongStatePage(): Reply {
  return pageReply({
    status: 400,
    mark: 'stop',
    title: 'This answer belongs to no question',
    lead: 'It comes from an older try, or from elsewhere. Nothing was connected, and a newer try is not disturbed.',
    notes: ['Go on in the window where you pressed Continue last, or open your link again.'],
  })
}

/** A callback without the cookie: not the browser in which Continue was pressed. */
export function otherBrowserPage(): Reply {
  return pageReply({
    status: 400,
    mark: 'stop',
    title: 'This is another browser',
    lead: 'The link was begun in a different browser or window, so the answer is not taken here. Nothing is lost.',
    notes: [
      'Open your link again, here or there, and press Continue.',
      'Does a terminal ask for the redirect address? Then copy the whole address of this page and paste it there.',
    ],
  })
}

/** A callback with neither a code nor an error. */
export function emptyCallbackPage(): Reply {
  return pageReply({
    status: 400,
    mark: 'stop',
    title: 'The answer is incomplete',
    lead: 'The provider sent you back without a result. Nothing is lost.',
    notes: ['Open your link again and press Continue.'],
  })
}

/** Something on the builder's side is not set up. */
export function faultPage(): Reply {
  return pageReply({
    status: 503,
    mark: 'stop',
    title: 'This cannot go on right now',
    lead: 'Something is not set up on the side that sent you this link. Nothing was connected.',
    notes: ['If it was you: whs doctor says what is missing.'],
  })
}
