import { expect, test } from 'vitest'
import type { CaughtUp } from '../../../src/app/catch-up.ts'
import type { WholeGap } from '../../../src/app/facts.ts'
import { gapRecord, gapText } from '../../../src/cli/render/gap-lines.ts'
import { makeListenText } from '../../../src/cli/render/listen-text.ts'
import { nothingRead } from '../../../src/connect/feeds/read-place.ts'
import { WhsError } from '../../../src/core/errors.ts'
import { testIo } from '../../helpers/test-io.ts'

const now = Date.UTC(2026, 0, 2, 12)
const hour = 3_600_000
const io = testIo({ now: () => now })
const gap = (more: Partial<CaughtUp>): CaughtUp => ({
  app: 'qbo',
  provider: 'quickbooks',
  tenant: 'acme',
  account: '1',
  feed: 'cdc',
  from: now - 2 * hour,
  to: now,
  why: 'stopped',
  ms: 400,
  reading: nothingRead,
  failure: null,
  dry: false,
  ...more,
})
const read = (more: Partial<typeof nothingRead>): Partial<CaughtUp> => ({ reading: { ...nothingRead, ...more } })
const refused = new WhsError({
  code: 'feed-refused',
  exit: 10,
  what: 'Intuit answered 500',
  why: 'the sea',
  next: 'try again later',
})
const all = { places: 2, current: 0, failed: 0, events: 3, ms: 900, dry: false }
const whole = (more: Partial<WholeGap> = {}): WholeGap => ({
  from: now - 2 * hour,
  to: now,
  why: 'killed',
  all,
  ...more,
})

test.each<[string, CaughtUp | WholeGap, string | null]>([
  ['nothing', gap({}), null],
  [
    'events',
    gap(read({ count: 3, known: 2, events: { 'a.b': 2, 'c.d': 1 } })),
    'qbo  acme  realmId 1  3 events caught up (a.b 2×, c.d), 2 were known in 400 ms',
  ],
  [
    'of an app',
    gap({ tenant: null, account: null, ...read({ count: 1, events: { 'a.b': 1 } }) }),
    'qbo  1 event caught up (a.b) in 400 ms',
  ],
  [
    'a trial',
    gap({ dry: true, ...read({ count: 1, events: { 'a.b': 1 } }) }),
    'qbo  acme  realmId 1  1 event would be caught up (a.b) in 400 ms',
  ],
  [
    'a failure',
    gap({ reading: null, failure: refused }),
    'qbo  acme  realmId 1  not read: Intuit answered 500: the sea  try again later',
  ],
  [
    'an old cursor',
    gap(read({ lost: 'expired', lostSince: now - hour })),
    expect.stringMatching(
      /acme {2}realmId 1 {2}what came since \S+ is lost: the cursor was too old, and reading begins anew$/,
    ),
  ],
  [
    'too old',
    gap(read({ lost: 'too-old', from: now - hour })),
    expect.stringContaining('is lost: its API answers for no longer'),
  ],
  [
    'a beginning',
    gap(read({ lost: 'begun' })),
    expect.stringContaining('it is read from now on; what came before is not known'),
  ],
  [
    'too much',
    gap(read({ lost: 'too-much', lostSince: now - hour })),
    expect.stringContaining('only the newest was read, the rest is lost'),
  ],
  ['a cut', gap(read({ lost: 'cut' })), expect.stringContaining('it was too much at once: whs catchup goes on')],
  [
    'a gap that is not filled',
    whole({ all: null }),
    expect.stringMatching(/^nobody listened for 2 h, since \S+\. whs catchup asks for what came$/),
  ],
  [
    'a gap that is',
    whole(),
    expect.stringMatching(/^nobody listened for 2 h, since \S+: 3 events caught up at 2 places$/),
  ],
  [
    'one that could not be',
    whole({ from: null, all: { ...all, events: 0, failed: 1 } }),
    'nothing was missed at 2 places, 1 could not be read',
  ],
])('%s in words', (_, one, text) => {
  expect(gapText(io, one)).toEqual(text)
})

test('as records', () => {
  const time = { from: '2026-01-02T10:00:00.000Z', to: '2026-01-02T12:00:00.000Z' }
  const at = '2026-01-02T12:00:00.000Z'
  expect(gapRecord(io, gap(read({ count: 1, events: { 'a.b': 1 }, lost: 'expired', lostSince: now })))).toEqual({
    type: 'gap',
    at,
    app: 'qbo',
    tenant: 'acme',
    account: '1',
    feed: 'cdc',
    ...time,
    why: 'stopped',
    catchup: { events: 1, known: 0, types: { 'a.b': 1 }, ms: 400, dry: false },
    lost: 'expired',
    lostSince: at,
  })
  expect(gapRecord(io, gap({ reading: null, failure: refused }))).toMatchObject({
    catchup: null,
    error: { code: 'feed-refused', what: 'Intuit answered 500', why: 'the sea' },
    next: 'try again later',
  })
  const none = { app: null, tenant: null, account: null, feed: null }
  expect(gapRecord(io, whole())).toEqual({ type: 'gap', at, ...none, ...time, why: 'killed', catchup: all })
  expect(gapRecord(io, whole({ all: null }))).toEqual({
    type: 'gap',
    at,
    ...none,
    ...time,
    why: 'killed',
    catchup: null,
    next: 'whs catchup',
  })
})

test('a stream says it in one line, and nothing where nothing was missed', async () => {
  const text = makeListenText({
    io,
    version: '1',
    accountWord: () => 'realmId',
    readEvent: async () => null,
    eager: false,
  })
  expect(await text.lines({ kind: 'gap', gap: gap({}) })).toEqual([])
  expect(await text.lines({ kind: 'gap', gap: whole({ all: null }) })).toEqual([
    expect.stringMatching(/^\d\d:\d\d:\d\d {2}gap +nobody listened for 2 h/),
  ])
})
