import { filterHeaders, header, type RawHeaders, setHeader } from '../core/headers.ts'

/** Hop-by-hop fields (RFC 9110 §7.6.1), framing that is made anew, and `Expect`, which was answered at our own door. */
const notPassed = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
])
/** Digests of the whole body (RFC 9530, RFC 1864): untrue for a part of it. */
const digests = new Set(['content-digest', 'repr-digest', 'digest', 'content-md5'])

/**
 * A delivery's headers as a handler gets them: order, repeats and spelling kept, without what belongs to one connection
 * only and without anything that could be taken for a header of ours; `Host` is the target's, the one that arrived is in
 * `X-Forwarded-Host` unless a tunnel in front has put it there; `Content-Length` is right.
 */
export function passHeaders(headers: RawHeaders, to: { host: string; bytes: number; isCut: boolean }): RawHeaders {
  const named = connectionNames(headers)
  let lengths = 0
  const kept = filterHeaders(headers, name => {
    if (notPassed.has(name) || named.has(name) || isOurs(name)) return false
    if (to.isCut && digests.has(name)) return false
    return name !== 'content-length' || lengths++ === 0
  })
  const arrivedAt = header(headers, 'host')
  const wantsLength = to.bytes > 0 || header(kept, 'content-length') !== undefined
  const hosted = setHeader(kept, 'Host', to.host)
  const sized = wantsLength ? setHeader(hosted, 'Content-Length', String(to.bytes)) : hosted
  if (arrivedAt === undefined || header(sized, 'x-forwarded-host') !== undefined) return sized
  return [...sized, 'X-Forwarded-Host', arrivedAt]
}

/** What `Connection` names. `Host` and `Content-Length` are set anew below, whatever it says. */
function connectionNames(headers: RawHeaders): Set<string> {
  const names = new Set<string>()
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() !== 'connection') continue
    for (const name of (headers[index + 1] as string).split(',')) names.add(name.trim().toLowerCase())
  }
  return names
}

/** Servers of the CGI family read `_` and `-` as the same. */
function isOurs(name: string): boolean {
  return name.replaceAll('_', '-').startsWith('whs-')
}
