import { createHash, randomBytes } from 'node:crypto'
import type { RouteRequest } from '../net/door.ts'

/** Who may use the inspector: a browser that was opened with a code, which whs gave to the person at the terminal. */
export interface Sessions {
  /** A code that opens one browser, once, within half a minute. */
  makeCode(): string
  /** What to set as a cookie for a code; null where it was used, is too old or never was. */
  enter(code: string, port: number): string | null
  /** Whether a request has the cookie. */
  has(request: Pick<RouteRequest, 'cookies'>, port: number): boolean
}

const codeMs = 30_000
/** More than so many at once are nobody's wish: the oldest goes. */
const mostCodes = 20
const mostSessions = 200

/** Codes and sessions live in this process alone, and of sessions only their hashes. */
export function makeSessions(now: () => number): Sessions {
  const codes = new Map<string, number>()
  const sessions = new Set<string>()
  return {
    makeCode() {
      const code = randomBytes(24).toString('base64url')
      codes.set(hashOf(code), now() + codeMs)
      dropOldest(codes, mostCodes)
      return code
    },
    enter(code, port) {
      const hash = hashOf(code)
      const until = codes.get(hash)
      codes.delete(hash)
      if (until === undefined || now() >= until) return null
      const session = randomBytes(32).toString('base64url')
      sessions.add(hashOf(session))
      dropOldest(sessions, mostSessions)
      return `${cookieName(port)}=${session}; HttpOnly; SameSite=Strict; Path=/`
    },
    has({ cookies }, port) {
      const session = cookies[cookieName(port)]
      return session !== undefined && sessions.has(hashOf(session))
    },
  }
}

/** Cookies know no ports, and a second whs (the demo, say) has its own. */
function cookieName(port: number): string {
  return `whs_inspect_${port}`
}

/** What is compared is a hash, so that the time that takes tells nothing. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function dropOldest(all: Map<string, unknown> | Set<string>, most: number): void {
  for (const key of all.keys()) {
    if (all.size <= most) return
    all.delete(key)
  }
}
