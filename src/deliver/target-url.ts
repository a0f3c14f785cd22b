import { exits, WhsError } from '../core/errors.ts'
import { safeText } from '../core/text.ts'

/**
 * Where a delivery goes: the target, with what followed the callback URL appended to its path and query.
 * @throws WhsError `path-escapes` (exit 2) where dots in that path would lead out of the target's own path.
 */
export function targetUrl(target: string, suffix: string): URL {
  const url = new URL(target)
  const base = url.pathname.replace(/\/$/, '')
  const mark = suffix.indexOf('?')
  const path = mark < 0 ? suffix : suffix.slice(0, mark)
  const query = mark < 0 ? '' : suffix.slice(mark + 1)
  if (path !== '') url.pathname = base + path
  if (path !== '' && !url.pathname.startsWith(`${base}/`)) {
    throw new WhsError({
      code: 'path-escapes',
      exit: exits.usage,
      what: `${safeText(path)} is not appended to ${target}`,
      why: 'it would lead out of the path of the target',
    })
  }
  if (query !== '') url.search = url.search === '' ? query : `${url.search}&${query}`
  return url
}
