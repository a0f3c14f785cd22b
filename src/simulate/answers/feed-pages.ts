import type { Buffer } from 'node:buffer'
import type { Call } from '../../core/value-definition.ts'
import type { RouteRequest } from '../../net/door.ts'
import type { PastChange } from '../history.ts'
import type { Answered } from './known-call.ts'
import { putJson } from './put-json.ts'
import { lastPage } from './write-answer.ts'

/** What one page of a list holds. */
export interface ChangesPage {
  items: PastChange[]
  /** How many stand before it, and in all. */
  from: number
  total: number
  size: number
  hasNext: boolean
}

/** The page that a request asks for, in the way of the call. */
export function pageOf({ page }: Call, request: RouteRequest, all: PastChange[], size: number): ChangesPage {
  const from = page === undefined ? 0 : offsetOf(page, request, all, size)
  const items = page === undefined ? all : all.slice(from, from + size)
  return { items, from, total: all.length, size, hasNext: from + items.length < all.length }
}

function offsetOf(
  page: NonNullable<Call['page']>,
  { query, body }: RouteRequest,
  all: PastChange[],
  size: number,
): number {
  switch (page.by) {
    case 'cursor':
      return Number(query.get(page.parameter) ?? 0)
    case 'number':
      return (Number(query.get(page.parameter) ?? 1) - 1) * size
    case 'link':
      return (Number(query.get('page') ?? 1) - 1) * size
    case 'item':
      return query.has(page.parameter) ? all.findIndex(({ id }) => id === query.get(page.parameter)) + 1 : 0
    case 'body':
      return Number((JSON.parse(body.toString()) as Record<string, unknown>)[page.field] ?? 0)
    case 'url':
      return 0
  }
}

/** An answer that says where the next page is, or that there is none. */
export function withPage({ page, ...call }: Call, request: RouteRequest, body: Buffer, at: ChangesPage): Answered {
  if (page === undefined) return body
  const next = String(at.from + at.items.length)
  if (page.by === 'cursor' || page.by === 'body') {
    return at.hasNext ? putJson(body, page.at, next) : lastPage({ ...call, page }, body)
  }
  if (page.by === 'number') return putJson(body, page.pages, Math.max(1, Math.ceil(at.total / at.size)))
  if (page.by === 'item' && typeof page.more === 'object' && 'at' in page.more) {
    return putJson(body, page.more.at as string, at.hasNext)
  }
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (page.by === 'link' && at.hasNext) {
    const url = new URL(request.url, `http://${request.headers.host}`)
    url.searchParams.set('page', String(at.from / at.size + 2))
    headers.link = `<${url.href}>; rel="next"`
  }
  return { status: 200, headers, body }
}
