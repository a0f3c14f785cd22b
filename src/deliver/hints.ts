import { header } from '../core/headers.ts'
import { isSuccess } from '../core/retry.ts'
import { clip, durationText, safeText } from '../core/text.ts'
import type { SendResult } from '../net/send.ts'

/** What a hint may speak of. */
export interface HintContext {
  /** The URL that was called. */
  url: string
  method: string
  /** How long the provider itself waits for an answer, and who it is. */
  withinMs: number
  company: string
  /** Whether the provider tries again by itself. */
  retries: boolean
}

/** What probably stands behind a handler's answer, in one line; null where there is nothing to say. Pure. */
export function hintOf(result: SendResult, context: HintContext): string | null {
  if ('error' in result) return errorHint(result, context)
  const hints = [failureHint(result, context), result.ms > context.withinMs ? lateHint(context) : null]
  return hints.filter(Boolean).join('; ') || null
}

type Answer = Extract<SendResult, { status: number }>
type Failure = Extract<SendResult, { error: string }>

/** The meter: `4.2 s` stands beside it wherever it is shown. */
function lateHint({ company, withinMs, retries }: HintContext): string {
  const limit = durationText(withinMs).replace('.0 s', ' s')
  return `${company} would have ${retries ? 'retried' : 'given up'} at ${limit}`
}

function errorHint(result: Failure, context: HintContext): string {
  if (result.error === 'nobody') return nobodyText(context.url, result.detail)
  if (result.error === 'timeout') {
    return `no answer within ${durationText(result.ms)}: let the handler answer first and work afterwards`
  }
  return (
    tlsHint(context.url, result.detail) ??
    'the connection broke before an answer came: the handler crashed or was restarted'
  )
}

/** What OpenSSL and Node say of a handshake that failed. */
const tlsFaults: [RegExp, (host: string) => string][] = [
  [/wrong version number|packet length too long/i, host => `${host} does not speak TLS: say http:// instead`],
  [/self.signed/i, host => `${host} has a self-signed certificate: --cacert <its PEM>`],
  [
    /unable to (verify|get).*(issuer|certificate)/i,
    host => `nobody known here vouches for the certificate of ${host}: --cacert <the authority's PEM>`,
  ],
  [/certificate has expired/i, host => `the certificate of ${host} has expired`],
  [/certificate is not yet valid/i, host => `the certificate of ${host} does not hold yet: compare the clocks`],
  [/altname|does not match certificate/i, host => `the certificate of ${host} is for another name`],
  [/EPROTO|SSL routines|TLS connection was established/i, host => `${host} and whs find no common TLS`],
]

function tlsHint(url: string, detail: string): string | undefined {
  const { host, protocol } = new URL(url)
  if (protocol === 'http:' && /Expected HTTP\/|Invalid (method|version|constant)/i.test(detail)) {
    return `${host} does not speak HTTP: if it serves TLS, say https://`
  }
  return tlsFaults.find(([pattern]) => pattern.test(detail))?.[1](host)
}

function failureHint(result: Answer, context: HintContext): string | null {
  const { status } = result
  if (isSuccess(status)) return null
  if (status >= 300 && status < 400) return redirectHint(result)
  return saidHint(result, context) ?? statusHint(result, context)
}

function redirectHint({ headers }: Answer): string {
  const location = header(headers, 'location')
  const where = location ? ` to ${clip(safeText(location), 80)}` : ''
  return `it redirects${where}, which is never followed: forward to the final URL, without a login in front`
}

const rawBody =
  'its own signature check failed: check the raw bytes, before any JSON parser, with the secret that whs env shows'

/** What the answer's own words give away. */
function saidHint({ status, body }: Answer, { url }: HintContext): string | null {
  const { pathname } = new URL(url)
  const said = body.toString('latin1', 0, 4096)
  const mayCheck = [400, 401, 403, 419, 422].includes(status)
  const isForgery = mayCheck && /csrf|xsrf|forgery|authenticity.?token|page expired/i.test(said)
  if (isForgery || status === 419) return `CSRF protection: except ${pathname} from it`
  if (/plain http request was sent to https port/i.test(said)) return 'it serves TLS there: say https://'
  if (/must be provided as a string or a buffer|raw (request )?body/i.test(said)) return rawBody
  return mayCheck && /signature|hmac|verif|digest mismatch/i.test(said) ? rawBody : null
}

function statusHint({ status, headers }: Answer, { url, method }: HintContext): string | null {
  const { host, pathname } = new URL(url)
  switch (status) {
    case 401:
    case 403:
      return `a login or CSRF check stands before ${pathname}: except it, a webhook proves itself by its signature`
    case 404:
      return `${host} has no route ${method} ${pathname}`
    case 405: {
      const allow = header(headers, 'allow')
      return `${pathname} does not take ${method}${allow ? `, only ${clip(safeText(allow), 40)}` : ''}`
    }
    case 413:
      return "the handler's body parser takes less than this: raise its limit"
    case 415:
      return "the handler's body parser does not take this content type: let it take the raw body"
    default:
      return null
  }
}

/** Why nobody was reached at a target: names what was tried. */
export function nobodyText(url: string, detail: string): string {
  const { hostname, host, port, protocol } = new URL(url)
  if (/ENOTFOUND|EAI_AGAIN/.test(detail)) return `${hostname} has no address`
  if (!/ECONNREFUSED/.test(detail)) return `${host} cannot be reached: ${clip(safeText(detail), 120)}`
  const number = port || (protocol === 'https:' ? '443' : '80')
  if (hostname === 'localhost') return `127.0.0.1:${number} and ::1 refuse: nothing listens`
  return `${hostname}:${number} refuses: nothing listens`
}
