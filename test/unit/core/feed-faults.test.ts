import { expect, test } from 'vitest'
import type { Feed } from '../../../src/core/feed-definition.ts'
import { feedSecrets, feedText } from '../../../src/core/feed-text.ts'
import { definitionFaults } from '../../../src/core/validate-definition.ts'
import { providerOf } from '../../../src/providers/index.ts'
import { smallDefinition, smallShape } from '../../helpers/small-definition.ts'

const shape = { ...smallShape, id: '@.id', time: '@.at', resource: { type: '@.type', id: '@.thing' } }
const byTime: Feed = {
  name: 'changes',
  use: ['catch-up'],
  per: 'account',
  call: { method: 'GET', url: '{api}/changes?since={since.iso}' },
  cursor: { time: { overlapSeconds: 60 } },
  split: ['$.changes[*]'],
  shapes: [shape],
  same: 'id',
}
const byCursor: Feed = {
  ...byTime,
  call: { method: 'GET', url: '{api}/changes?after={cursor}' },
  cursor: { at: '$.cursor', start: { text: '0' } },
}
const call = (url: string): { call: Feed['call'] } => ({ call: { method: 'GET', url: `{api}/${url}` } })

const faults = (...feeds: Feed[]): string[] => definitionFaults({ ...smallDefinition(), feeds })

test('feeds by time and by cursor are sound, with all that one may have', () => {
  expect(faults(byTime)).toEqual([])
  expect(faults(byCursor)).toEqual([])
  expect(faults({ ...byTime, types: ['a', 'b'], ...call('c?t={type}&s={since.s}'), maxDays: 3 })).toEqual([])
  expect(faults({ ...byTime, ...call('c'), newestFirst: true })).toEqual([])
  expect(faults({ ...byCursor, expired: { status: 410 }, same: 'cursor' })).toEqual([])
})

test.each<[string, Partial<Feed>, Feed?]>([
  ['use: it is for nothing; catch-up, or follow-up', { use: [] }],
  ['use: it is a follow-up, but no shape of webhook names it (feed)', { use: ['follow-up'] }],
  ['account: there is no kind shop', { account: 'shop' }],
  ['per: hooks are not one a resource (activation.per)', { per: 'resource' }],
  [
    'shapes: it is read for the whole app, so each must say whose an item is (accounts)',
    { per: 'app', ...call('c?s={since.s}'), shapes: [{ ...shape, accounts: [] }] },
  ],
  ['call: it sends no {cursor}', call('c'), byCursor],
  ['call: it sends no time, such as {since.iso}, and its items do not come newest first (newestFirst)', call('c')],
  ['call: it sends no {types} or {type}', { types: ['a'] }],
  ['types: {type} goes with a time, not with a cursor', { types: ['a'], ...call('c?c={cursor}&t={type}') }, byCursor],
  ['same: a time overlaps, so items must be recognised by id or by resource', { same: 'cursor' }],
  [
    'same: pages lie between two cursors, so items need an id',
    { same: 'cursor', call: { ...byCursor.call, page: { by: 'link' } } },
    byCursor,
  ],
  ['same: a shape has no id', { shapes: [without('id')] }],
  ['same: a shape has no resource or no time', { same: { withinSeconds: 1 }, shapes: [without('resource')] }],
  ['same: a shape has no resource or no time', { same: { withinSeconds: 1 }, shapes: [without('time')] }],
  ['cursor: a shape has no time', { shapes: [without('time')] }],
  [
    'each: its call must send {item}, and its cursor be a time',
    { each: { items: '$[*]', item: '@.n', id: '@.id', time: '@.at', ...call('one') } },
  ],
  ['expired: a time does not end; maxDays says how far back it answers', { expired: { status: 410 } }],
  ['split: it names no path', { split: [] }],
  ['path "$[" is not understood from "["', { split: ['$['] }],
  ['shapes: it has no shape', { shapes: [] }],
  ['shape event: its name is there twice', { shapes: [shape, shape] }],
  ['path "x" must begin with $ or @', { cursor: { at: 'x', start: { text: '0' } } }, byCursor],
  ['path "x" must begin with $ or @', { cursor: { at: '$.c', more: 'x', start: { text: '0' } } }, byCursor],
  ['path "x" must begin with $ or @', { expired: { status: 410, when: 'x' } }, byCursor],
])('%s', (fault, changed, feed = byTime) => {
  const said = faults({ ...feed, ...changed })
  expect(said.map(one => one.replace(/^feed changes: /, ''))).toContain(fault)
})

test.each<[string, Partial<Feed>]>([
  [
    'feed changes: call: {api}/c?c={cursor}&s={since.s} has the unknown slot {cursor}',
    call('c?c={cursor}&s={since.s}'),
  ],
  [
    'feed changes: call: {api}/c?r={resource}&s={since.s} has the unknown slot {resource}',
    call('c?r={resource}&s={since.s}'),
  ],
  ['feed changes: call: {api}/c?t={type}&s={since.s} has the unknown slot {type}', call('c?t={type}&s={since.s}')],
  ['feed changes: call: c does not begin with a host role', { call: { method: 'GET', url: 'c' } }],
])('%s …', (beginning, changed) => {
  expect(faults({ ...byTime, ...changed }).filter(fault => fault.startsWith(beginning))).toHaveLength(1)
})

test('two feeds have two names, and a shape names one that follows pings', () => {
  expect(faults(byTime, byTime)).toEqual(['feed changes: its name is there twice'])
  const shapes = [{ ...smallShape, feed: 'changes' }]
  const definition = smallDefinition({ shapes })
  expect(definitionFaults({ ...definition, feeds: [byTime] })).toEqual([
    'shape event: there is no feed changes whose use is follow-up',
  ])
  expect(definitionFaults({ ...definition, feeds: [{ ...byCursor, use: ['follow-up'] }] })).toEqual([])
})

test('a feed is told in words, with the secrets that it needs', () => {
  expect(feedText({ ...byTime, maxDays: 30, types: ['a', 'b'] }, 'shop id')).toBe(
    'what was missed: GET {api}/changes?since={since.iso}; for each shop id, by time; for 2 types; known again by its id; 30 days back',
  )
  expect(
    feedText(
      { ...byCursor, use: ['follow-up', 'catch-up'], per: 'activation', expired: { status: 410 }, same: 'cursor' },
      'x',
    ),
  ).toBe(
    'what pings leave out and what was missed: GET {api}/changes?after={cursor}; for each hook, from the cursor that the last answer gave; each answer is new; a cursor that is too old begins anew',
  )
  expect(feedSecrets(byTime)).toEqual([])
  const [deliveries] = providerOf('github')?.feeds ?? []
  expect(deliveries && feedSecrets(deliveries)).toEqual(['privateKey'])
})

function without(name: 'id' | 'time' | 'resource'): Feed['shapes'][0] {
  const { [name]: _gone, ...rest } = shape
  return name === 'id' ? { ...rest, derived: ['@.at'] } : rest
}
