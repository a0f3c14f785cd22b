import { header } from '../core/headers.ts'
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
}

/** What probably stands behind a handler's answer, in one line; null where there is nothing to say. Pure. */
export function hintOf(result: SendResult, context: HintContext): string | null {
  if ('error' in result) return errorHint(result, context)
  const { status, ms } = result
  if (status >= 200 && status < 300) return ms > context.withinMs ? lateHint(context) : null
  if (status >= 300 && status < 400) return redirectHint(result)
  return clientHint(result, context)
}

function errorHint(result: Extract<SendResult, { error: string }>, context: HintContext): string {
  if (result.error === 'nobody') return nobodyText(context.url, result.detail)
  if (result.error === 'cut') return 'the connection broke before an answer came: the handler crashed or was restarted'
  return `no answer within ${durationText(result.ms)}: let the handler answer first and work afterwards`
}

function lateHint({ company, withinMs }: HintContext): string {
  return `${company}'s own limit is ${durationText(withinMs)}: on its own it would have sent this again`
}

function redirectHint({ headers }: { headers: string[] }): string {
  const location = header(headers, 'location')
  const where = location ? ` to ${clip(safeText(location), 80)}` : ''
  return `it redirects${where}, which is never followed: forward to the final URL, without a login in front`
}

function clientHint(result: Extract<SendResult, { status: number }>, { url, method }: HintContext): string | null {
  const { host, pathname } = new URL(url)
  const said = result.body.toString('latin1', 0, 4096)
  const refused = result.status === 400 || result.status === 401 || result.status === 403
  if (refused && /csrf|xsrf|forgery/i.test(said)) return `CSRF protection: except ${pathname} from it`
  if (refused && /signature|hmac|verif/i.test(said)) {
    return 'its own signature check failed: check the raw bytes, before any JSON parser, with the secret that whs env shows'
  }
  switch (result.status) {
    case 401:
    case 403:
      return `a login or CSRF check stands before ${pathname}: except it, a webhook proves itself by its signature`
    case 404:
      return `${host} has no route ${method} ${pathname}`
    case 405:
      return `${pathname} does not take ${method}`
    case 413:
      return "the handler's body parser takes less than this: raise its limit"
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
