import type { Reply, Route } from '../net/door.ts'

/**
 * A route that other web pages cannot use behind a person's back: the name must be this machine's (else DNS could be
 * turned to it), and what changes something may come from our own pages or from a program, not from another site.
 */
export function guarded(route: Route): Route {
  return {
    ...route,
    handle(request) {
      const host = request.headers.host ?? ''
      if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host)) return refused
      const site = request.headers['sec-fetch-site']
      const foreign = site !== undefined && site !== 'same-origin' && site !== 'none'
      return foreign && request.method !== 'GET' ? refused : route.handle(request)
    },
  }
}

const refused: Reply = { status: 403, body: 'The simulator answers only this machine, and only its own pages.\n' }
