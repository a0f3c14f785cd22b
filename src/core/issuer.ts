import type { Hosts } from './definition.ts'
import { isLoopback } from './rule.ts'
import { fillUrl } from './url-template.ts'
import type { UrlTemplate } from './value-definition.ts'

/**
 * What is wrong with the `iss` of a callback (RFC 9207): undefined where nothing is. A provider whose definition states
 * its issuer sends exactly that one, every time. Of another one nobody knows whether it sends any: it may, from its own
 * site, which is a host role's.
 */
export function issuerFault(
  callback: URLSearchParams,
  { issuer, hosts, slots }: { issuer?: UrlTemplate; hosts: Hosts; slots: Record<string, string> },
): string | undefined {
  const said = callback.getAll('iss')
  if (said.length > 1) return 'it has iss more than once'
  const [iss] = said
  if (iss === undefined) return issuer === undefined ? undefined : 'it has no iss, which says who answered'
  const isRight = issuer === undefined ? isOfSite(iss, hosts) : bare(iss) === bare(fillUrl(issuer, hosts, slots))
  return isRight ? undefined : `it was answered by ${iss}`
}

function bare(url: string): string {
  return url.replace(/\/$/, '')
}

function isOfSite(iss: string, hosts: Hosts): boolean {
  const site = siteOf(iss)
  return site !== undefined && Object.values(hosts).some(origin => siteOf(origin) === site)
}

/**
 * The site of a URL: the last two labels of its host, or three where those two are a registry's (`co.uk`). On this
 * machine host and port.
 */
function siteOf(url: string): string | undefined {
  const match = /^https?:\/\/([^/?#@\\]+)(?:[/?#]|$)/i.exec(url)
  const host = match?.[1]?.toLowerCase()
  if (host === undefined) return undefined
  if (isLoopback(host.replace(/:\d+$/, ''))) return host
  if (!/^https:/i.test(url)) return undefined
  const labels = host.split('.')
  const isRegistry = /^[a-z]{2}$/.test(labels.at(-1) ?? '') && (labels.at(-2)?.length ?? 0) <= 3
  return labels.slice(isRegistry ? -3 : -2).join('.')
}
