import { header, type RawHeaders } from './headers.ts'

/** A URL that may have been signed in place of those that are known. */
export interface UrlVariant {
  url: string
  /** How it differs: `http, not https`, `a slash at the end`. */
  text: string
}

interface UrlParts {
  scheme: string
  host: string
  port: string
  path: string
  query: string
}

const mostVariants = 600

/**
 * URLs that a provider may have been told and signed, nearest first, each only once and none of the known ones: another
 * scheme, port, trailing slash, path or query, the hosts that the request names, and other URLs that are known here.
 */
export function urlVariants(known: string[], headers: RawHeaders, others: string[]): UrlVariant[] {
  const bases = known.flatMap(url => partsOf(url) ?? [])
  const [first] = bases
  const named = first ? hostsOf(headers).map(host => ({ ...first, ...hostParts(host) })) : []
  const strange = others.flatMap(url => partsOf(url) ?? [])
  const seen = new Set(known)
  const found: (UrlVariant & { cost: number })[] = []
  const add = (url: string, texts: string[]): void => {
    if (seen.has(url) || texts.length === 0) return
    seen.add(url)
    found.push({ url, text: texts.join(', '), cost: texts.length })
  }
  for (const base of bases) for (const [parts, texts] of changes(base)) add(textOf(parts), texts)
  for (const base of [...named, ...strange]) {
    const texts = first ? differences(first, base) : ['a URL that is not known here']
    add(textOf(base), texts)
    for (const [parts, more] of changes(base)) add(textOf(parts), [...texts, ...more])
  }
  return found.sort((left, right) => left.cost - right.cost).slice(0, mostVariants)
}

function partsOf(url: string): UrlParts | undefined {
  const match = /^(https?):\/\/([^/:?#]+)(?::(\d+))?([^?]*)(\?.*)?$/s.exec(url)
  if (!match) return undefined
  const [, scheme = '', host = '', port = '', path = '', query = ''] = match
  return { scheme, host, port, path, query }
}

function textOf({ scheme, host, port, path, query }: UrlParts): string {
  return `${scheme}://${host}${port === '' ? '' : `:${port}`}${path}${query}`
}

/** The hosts that a request says it was sent to. */
function hostsOf(headers: RawHeaders): string[] {
  const names = ['host', 'x-forwarded-host', 'x-original-host']
  const hosts = names.flatMap(name => header(headers, name)?.split(',') ?? []).map(one => one.trim())
  return [...new Set(hosts)].filter(host => /^[A-Za-z0-9.-]+(:\d+)?$/.test(host))
}

function hostParts(text: string): Pick<UrlParts, 'host' | 'port'> {
  const [host = '', port = ''] = text.split(':')
  return { host, port }
}

function differences(known: UrlParts, other: UrlParts): string[] {
  return [
    ...(known.scheme === other.scheme ? [] : [`${other.scheme}, not ${known.scheme}`]),
    ...(known.host === other.host ? [] : [`host ${other.host}, not ${known.host}`]),
    ...(known.port === other.port ? [] : [other.port === '' ? 'no port' : `port ${other.port}`]),
    ...(known.path === other.path ? [] : [`path ${other.path || '(none)'}, not ${known.path || '(none)'}`]),
    ...(known.query === other.query ? [] : ['another query']),
  ]
}

type Change = [parts: UrlParts, texts: string[]]

/** Every combination of another scheme, port, path and query. */
function changes(base: UrlParts): Change[] {
  let all: Change[] = [[base, []]]
  for (const vary of [schemes, ports, paths, queries]) {
    all = all.flatMap(([parts, texts]) => [
      [parts, texts] as Change,
      ...vary(parts).map(([change, text]): Change => [{ ...parts, ...change }, [...texts, text]]),
    ])
  }
  return all
}

type Variation = [change: Partial<UrlParts>, text: string][]

function schemes({ scheme }: UrlParts): Variation {
  const other = scheme === 'https' ? 'http' : 'https'
  return [[{ scheme: other }, `${other}, not ${scheme}`]]
}

function ports({ scheme, port }: UrlParts): Variation {
  const usual = scheme === 'https' ? '443' : '80'
  if (port !== '') return [[{ port: '' }, `without the port ${port}`]]
  return [usual, ...['443', '80', '8443', '8080', '3000'].filter(one => one !== usual)].map(one => [
    { port: one },
    one === usual ? `the port ${one} spelled out` : `port ${one}`,
  ])
}

function paths({ path }: UrlParts): Variation {
  const found: Variation = path.endsWith('/')
    ? [[{ path: path.replace(/\/+$/, '') }, 'no slash at the end']]
    : [[{ path: `${path}/` }, 'a slash at the end']]
  const decoded = decodedText(path)
  if (decoded !== path) found.push([{ path: decoded }, 'the path without percent signs'])
  if (path.toLowerCase() !== path) found.push([{ path: path.toLowerCase() }, 'the path in small letters'])
  if (path !== '' && path !== '/') found.push([{ path: '' }, 'no path'])
  return found
}

function queries({ query }: UrlParts): Variation {
  if (query === '') return []
  const pairs = query.slice(1).split('&')
  const found: Variation = [[{ query: '' }, 'without its query']]
  const orders: [string[], string][] = [
    [[...pairs].sort(), 'the query sorted'],
    [[...pairs].reverse(), 'the query in the other order'],
  ]
  for (const [order, text] of orders) {
    const other = `?${order.join('&')}`
    if (other !== query) found.push([{ query: other }, text])
  }
  const decoded = decodedText(query.replaceAll('+', '%20'))
  if (decoded !== query) found.push([{ query: decoded }, 'the query without percent signs'])
  if (query.includes('+')) found.push([{ query: query.replaceAll('+', '%20') }, 'the query with %20 for a blank'])
  if (query.includes('%20')) found.push([{ query: query.replaceAll('%20', '+') }, 'the query with + for a blank'])
  return found
}

function decodedText(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
