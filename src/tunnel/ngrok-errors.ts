import { exits, WhsError } from '../core/errors.ts'
import { clip, safeText } from '../core/text.ts'

interface NgrokFault {
  what: string
  why: string
  next: string
  /** Trying again does not mend it. */
  final: boolean
}

const dashboard = 'https://dashboard.ngrok.com'

const badToken = (why: string): NgrokFault => ({
  what: 'ngrok refuses the authtoken',
  why,
  next: `copy it from ${dashboard}/get-started/your-authtoken and set NGROK_AUTHTOKEN, or: ngrok config add-authtoken <authtoken>`,
  final: true,
})

const badDomain = (why: string): NgrokFault => ({
  what: 'ngrok does not give this domain',
  why,
  next: `use a domain of ${dashboard}/domains, or leave out --domain`,
  final: true,
})

const overLimit = (why: string): NgrokFault => ({
  what: "the ngrok account's limit is reached",
  why,
  next: `see ${dashboard}/billing, or bring a URL of your own: whs listen --tunnel https://…`,
  final: false,
})

const oldSdk = (why: string): NgrokFault => ({
  what: 'ngrok no longer accepts this version',
  why,
  next: 'install the newest whs, or bring a URL of your own: whs listen --tunnel https://…',
  final: true,
})

/**
 * The codes that a person meets when an agent starts, binds an endpoint or is visited. Source: one page a code at
 * ngrok.com/docs/errors/err_ngrok_<number>, read in November 2026.
 */
const faults: Record<string, NgrokFault> = {
  ERR_NGROK_105: badToken('it does not have the form of an authtoken; often it is an API key or a copy cut short'),
  ERR_NGROK_106: badToken('it is one of ngrok version 1'),
  ERR_NGROK_107: badToken('it was reset or revoked, or you left the team that it belongs to'),
  ERR_NGROK_300: badToken('it was revoked'),
  ERR_NGROK_4018: badToken('ngrok wants a verified account and its authtoken'),
  ERR_NGROK_205: {
    what: 'ngrok has suspended the account',
    why: 'usually for a breach of its terms of service',
    next: 'write to support@ngrok.com, or bring a URL of your own: whs listen --tunnel https://…',
    final: true,
  },
  ERR_NGROK_1200: {
    what: "the ngrok account's e-mail address is not verified",
    why: 'ngrok opens no tunnel before it is',
    next: `click the link in ngrok's mail, or ask for a new one at ${dashboard}/user/settings`,
    final: true,
  },
  ERR_NGROK_9040: {
    what: 'ngrok does not accept connections from this IP address',
    why: 'it blocks sanctioned countries, TOR and anonymising proxies',
    next: 'leave the proxy or VPN, or bring a URL of your own: whs listen --tunnel https://…',
    final: true,
  },
  ERR_NGROK_108: {
    what: 'another ngrok agent uses this account',
    why: "the account's number of agents at the same time is used up",
    next: `stop the other one (${dashboard}/agents lists them; a second whs listen or ngrok counts)`,
    final: false,
  },
  ERR_NGROK_324: overLimit('no more endpoints are allowed for one agent'),
  ERR_NGROK_119: oldSdk('the version that the SDK gave is not one'),
  ERR_NGROK_120: oldSdk('the SDK in this whs is too old'),
  ERR_NGROK_121: oldSdk('the SDK in this whs is too old for your account'),
  ERR_NGROK_319: badDomain('it is not reserved for your account'),
  ERR_NGROK_320: badDomain('it is reserved for another account, or the authtoken is of another account'),
  ERR_NGROK_326: badDomain('it contains a character that a domain must not have'),
  ERR_NGROK_327: badDomain('it contains two dots in a row'),
  ERR_NGROK_328: badDomain('a part of it begins with a character that it must not'),
  ERR_NGROK_329: badDomain('a part of it ends with a character that it must not'),
  ERR_NGROK_331: badDomain('its last part cannot be reached from the internet'),
  ERR_NGROK_355: badDomain('it contains an underscore'),
  ERR_NGROK_334: {
    what: 'the ngrok address is in use',
    why: 'another agent serves it: a second whs listen, an ngrok in another terminal, a colleague',
    next: `stop the other one (${dashboard}/endpoints lists them), or take another --domain`,
    final: false,
  },
  ERR_NGROK_18009: {
    what: 'the ngrok address is in use',
    why: 'your account has a cloud endpoint on it',
    next: `remove it at ${dashboard}/endpoints, or take another --domain`,
    final: false,
  },
  ERR_NGROK_718: overLimit('too many bytes came in'),
  ERR_NGROK_720: overLimit('too many bytes went out'),
  ERR_NGROK_727: overLimit('the HTTP requests of this month are used up'),
  ERR_NGROK_734: overLimit('too many requests in a short time; it resets within a minute'),
  ERR_NGROK_4027: overLimit('the bandwidth of the plan is used up'),
  ERR_NGROK_3200: {
    what: 'ngrok says that the address is offline',
    why: 'no agent serves it at the moment',
    next: 'is the listener connected? whs status',
    final: false,
  },
  ERR_NGROK_8012: {
    what: 'ngrok reached this machine but not the door',
    why: 'nothing answers on the local port',
    next: 'is the listener running? whs status',
    final: false,
  },
}

const faultsByText: [pattern: RegExp, code: string, fault: NgrokFault][] = [
  [
    /tcp connection/,
    'ngrok-unreachable',
    {
      what: 'ngrok cannot be reached',
      why: 'the network is down, or a firewall blocks connect.ngrok-agent.com port 443 (HTTPS_PROXY does not serve here)',
      next: 'check the network, or bring a URL of your own: whs listen --tunnel https://…',
      final: false,
    },
  ],
  [
    /tls handshake/,
    'ngrok-certificate',
    {
      what: "ngrok's certificate was not accepted",
      why: 'something between here and ngrok answers in its place, or WHS_NGROK_CA is of another authority',
      next: 'leave the proxy or VPN, or give its authority: WHS_NGROK_CA=<pem file>',
      final: false,
    },
  ],
]

/**
 * What ngrok or its SDK reported, as what happened, why, and what to type next (exit 6). `code` is `ngrok-<number>`, or
 * `ngrok-unreachable`, `ngrok-certificate`, `ngrok-failed`. ngrok quotes the authtoken in some messages, so its text is
 * shown for unknown codes alone, without the token, and the original is not kept as cause.
 */
export function ngrokError(reported: unknown, authtoken: string): WhsError {
  const text = reported instanceof Error ? reported.message : String(reported)
  const number = /ERR_NGROK_(\d+)/.exec(text)?.[1]
  const known = number === undefined ? undefined : faults[`ERR_NGROK_${number}`]
  if (known) return tunnelError(`ngrok-${number}`, { ...known, what: `${known.what} (ERR_NGROK_${number})` })
  const why = publicText(text, authtoken)
  if (number !== undefined) {
    const next = `https://ngrok.com/docs/errors/err_ngrok_${number}`
    return tunnelError(`ngrok-${number}`, { what: `ngrok refuses (ERR_NGROK_${number})`, why, next, final: false })
  }
  for (const [pattern, code, fault] of faultsByText) if (pattern.test(text)) return tunnelError(code, fault)
  const next = 'try again, or bring a URL of your own: whs listen --tunnel https://…'
  return tunnelError('ngrok-failed', { what: 'The tunnel could not be opened', why, next, final: false })
}

/** Whether trying again cannot mend an error that `ngrokError` made. */
export function isFinal(error: WhsError): boolean {
  return faults[error.code.replace('ngrok-', 'ERR_NGROK_')]?.final ?? false
}

/** No authtoken was found (exit 3): the three ways out. */
export function missingAuthtoken(line = 'whs listen'): WhsError {
  return new WhsError({
    code: 'ngrok-no-authtoken',
    exit: exits.missing,
    what: 'There is no ngrok authtoken, so providers cannot reach this machine.',
    why: "neither NGROK_AUTHTOKEN nor ngrok's own configuration file has one",
    next: `one of three: set NGROK_AUTHTOKEN (free, from ${dashboard}/get-started/your-authtoken) · ${line} --tunnel https://… with a URL of your own · ${line} --tunnel none for this machine alone`,
  })
}

function tunnelError(code: string, fault: NgrokFault): WhsError {
  const { what, why, next } = fault
  return new WhsError({ code, exit: exits.tunnel, what: `${what.charAt(0).toUpperCase()}${what.slice(1)}.`, why, next })
}

/** The first line, safe for a terminal, without the token and without what ngrok quotes as one. */
function publicText(text: string, authtoken: string): string {
  const hidden = authtoken === '' ? text : text.replaceAll(authtoken, '***')
  const line = hidden.replace(/(authtoken|token|credential)\s*[:=]\s*\S+/gi, '$1: ***').split(/\r?\n/)[0] ?? ''
  return clip(safeText(line.trim()), 200)
}
