import { expect, test } from 'vitest'
import type { EventPage, EventRow } from '../../../src/inspect/api.ts'
import { filterQuery, readPlace, writePlace } from '../../../src/inspect/page/pure/place.ts'
import { queryToken, readQuery, suggestions } from '../../../src/inspect/page/pure/query-text.ts'
import { pageSize, RowPages } from '../../../src/inspect/page/pure/row-pages.ts'

test('a place is read from the URL as it was written', () => {
  const place = {
    view: 'tenants' as const,
    conditions: [
      { name: 'tenant' as const, value: 'acme' },
      { name: 'tenant' as const, value: 'globex & co' },
      { name: 'failed' as const, value: '' },
      { name: 'search' as const, value: 'a=b "c"' },
    ],
    open: 'evt_1',
    tab: 'raw' as const,
  }
  expect(readPlace(writePlace(place))).toEqual(place)
  expect(writePlace({ view: 'events', conditions: [], open: null, tab: 'data' })).toBe('')
  const odd = readPlace('?tab=nonsense&view=nonsense&colour=red&tenant=&since=1h&since=2h&failed')
  expect(odd).toEqual({
    view: 'events',
    conditions: [
      { name: 'since', value: '2h' },
      { name: 'failed', value: '' },
    ],
    open: null,
    tab: 'data',
  })
  expect(filterQuery(odd.conditions).toString()).toBe('since=2h&failed=true')
})

test('the query bar reads conditions, and takes all other words for text to search', () => {
  expect(readQuery('tenant:acme event:"invoice paid" is:failed invoice 130 is:nothing')).toEqual([
    { name: 'tenant', value: 'acme' },
    { name: 'event', value: 'invoice paid' },
    { name: 'failed', value: '' },
    { name: 'search', value: 'invoice 130 is:nothing' },
  ])
  expect(readQuery('https://example.com/a failed:x tenant:')).toEqual([
    { name: 'search', value: 'https://example.com/a failed:x tenant:' },
  ])
  const again = readQuery('event:"a b" is:parked tenant:x')
  expect(readQuery(again.map(queryToken).join(' '))).toEqual(again)
})

test('the query bar offers what fits the last word', () => {
  const known = { tenant: ['acme', 'globex', 'Acme-Two'] }
  expect(suggestions('x ten', known).map(one => one.token)).toEqual(['tenant:'])
  expect(suggestions('tenant:acm', known).map(one => one.token)).toEqual(['tenant:acme', 'tenant:Acme-Two'])
  expect(suggestions('is:f', known)).toMatchObject([{ token: 'is:failed', whole: true }])
  expect(suggestions('failed', known).map(one => one.token)).toEqual(['is:failed'])
  expect(suggestions('', known)).toHaveLength(8)
})

function row(seq: number, more: Partial<EventRow> = {}): EventRow {
  return { seq, id: `evt_${seq}`, forwards: [], ...more } as unknown as EventRow
}

/** What the server would answer for a store with events 1 to `all`. */
function answer(all: number, before: number | null, skip: number): EventPage {
  const first = (before ?? all + 1) - 1 - skip
  const rows = Array.from({ length: Math.max(0, Math.min(pageSize, first)) }, (_, index) => row(first - index))
  const last = rows.at(-1)?.seq ?? 0
  return {
    rows,
    next: last > 1 ? last : null,
    prev: null,
    total: before === null && skip === 0 ? all : null,
    cursor: '',
  }
}

test('a list is loaded page by page from where one looks, and one page after another goes on without skipping', () => {
  const all = 100_000
  const pages = new RowPages(answer(all, null, 0))
  expect([pages.count, pages.isCounted, pages.at(0)?.seq, pages.at(99)?.seq, pages.at(100)]).toEqual([
    all,
    true,
    100_000,
    99_901,
    undefined,
  ])
  expect(pages.missing(90, 210)).toEqual([
    { page: 1, before: 99_901, skip: 0 },
    { page: 2, before: 99_901, skip: 100 },
  ])
  for (const { page, before, skip } of pages.missing(50_000, 50_050)) pages.put(page, answer(all, before, skip))
  expect(pages.at(50_000)?.seq).toBe(50_000)
  expect(pages.missing(50_090, 50_110)).toEqual([{ page: 501, before: 49_901, skip: 0 }])
  for (const { page, before, skip } of pages.missing(99_950, 100_400)) pages.put(page, answer(all, before, skip))
  expect([pages.at(99_999)?.seq, pages.at(100_000), pages.count]).toEqual([1, undefined, all])
})

test('far pages are forgotten and come again from where they were', () => {
  const all = 20_000
  const pages = new RowPages(answer(all, null, 0))
  for (let place = 0; place < all; place += pageSize) {
    for (const { page, before, skip } of pages.missing(place, place)) {
      expect(skip).toBe(0)
      pages.put(page, answer(all, before, skip))
    }
  }
  expect(pages.at(0)).toBeUndefined()
  const [wish] = pages.missing(0, 0)
  expect(wish).toEqual({ page: 0, before: 20_001, skip: 0 })
})

test('new rows stand before the first, changed ones in their old place, and a place means the same row', () => {
  const pages = new RowPages(answer(500, null, 0))
  expect([pages.take(row(501)), pages.take(row(502)), pages.fresh, pages.count]).toEqual(['new', 'new', 2, 502])
  expect([0, 1, 2].map(place => pages.at(place)?.seq)).toEqual([502, 501, 500])
  expect(pages.take(row(450, { tenant: 'acme' }))).toBe('changed')
  expect(pages.at(52)?.tenant).toBe('acme')
  expect([pages.placeOf('evt_502'), pages.placeOf('evt_450'), pages.placeOf('evt_3')]).toEqual([0, 52, -1])
  expect([pages.take(row(3)), pages.isAmong(row(3))]).toEqual(['elsewhere', false])
  expect(pages.missing(100, 110)).toEqual([{ page: 1, before: 401, skip: 0 }])
})

test('a list that nobody counted grows until its end is seen', () => {
  const first = { ...answer(150, null, 0), total: null }
  const pages = new RowPages(first)
  expect([pages.count, pages.isCounted]).toEqual([200, false])
  const [wish] = pages.missing(100, 150)
  pages.put(1, answer(150, wish?.before ?? null, wish?.skip ?? 0))
  expect([pages.count, pages.isCounted]).toEqual([150, true])
})
