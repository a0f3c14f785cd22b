import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { composeCall } from '../../src/core/call.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { Feed } from '../../src/core/feed-definition.ts'
import { type Slots, slotsOf } from '../../src/core/fill-text.ts'
import { momentMs, sinceSlots } from '../../src/core/moment.ts'
import { type FeedItem, readFeed, readList } from '../../src/core/read-feed.ts'
import { mustFillText } from '../../src/core/url-template.ts'
import { answerContext, type ItemContext, readValue } from '../../src/core/value.ts'
import type { Call } from '../../src/core/value-definition.ts'
import { textOf } from '../../src/simulate/example-text.ts'
import type { AccountFixture } from '../../src/simulate/fixtures.ts'
import { fixtureDir, readJson, sampleFixtures, testedProviders } from '../helpers/fixtures.ts'

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
const cases = testedProviders.flatMap(definition =>
  (definition.feeds ?? []).map(feed => [`${definition.id} ${feed.name}`, definition, feed] as const),
)

describe.each(cases)('%s', (_, definition, feed) => {
  const { id } = definition

  test.each(callsOf(feed))('its %s call is filled in, and goes to its hosts', (_name, call) => {
    const slots = slotsFor(definition, feed)
    for (const hosts of Object.values(definition.hosts)) {
      const { url, headers, body = '' } = composeCall(call, { hosts, slots })
      const origins = Object.values(hosts).map(origin => mustFillText(origin, slots))
      expect(origins).toContain(new URL(url).origin)
      expect(slotsOf([url, ...Object.values(headers), body].join(' '))).toEqual([])
    }
  })

  test('its fixtures are those of the calls that it has', () => {
    const { from } = definition.identity
    const isIdentity = (call: Call): boolean => typeof from === 'object' && from.url === call.url
    const names = callsOf(feed).flatMap(([name, call]) => (name === 'start' && isIdentity(call) ? [] : [name]))
    const there = ['first', 'start', 'each'].filter(name => existsSync(pathOf(id, feed, name)))
    expect(there.toSorted()).toEqual(names.toSorted())
  })

  test('its answer has events that say what they are, when, and whose', () => {
    const items = itemsOf(definition, feed)
    expect(items.length).toBeGreaterThan(0)
    for (const { fault, event, providerEventId, derivedId, occurredAt, at, resource, accounts } of items) {
      expect([fault, event]).toEqual([null, expect.stringMatching(/^[a-z0-9_]+(\.[a-z0-9_-]+)+$/)])
      expect(providerEventId ?? derivedId).not.toBeNull()
      if (occurredAt !== null) expect(at).toBe(momentMs(occurredAt))
      if ('time' in feed.cursor) expect(at).not.toBeNull()
      if (feed.same === 'id') expect(providerEventId).not.toBeNull()
      if (typeof feed.same === 'object') expect([resource?.type, resource?.id]).not.toContain(undefined)
      if (feed.per === 'app') expect(accounts).not.toEqual([])
    }
  })

  test('what it catches up is named as its webhooks name it', () => {
    const isPing = definition.webhook.shapes.some(shape => shape.feed === feed.name)
    const delivered = new Set(sampleFixtures(id).map(({ event }) => event))
    const events = itemsOf(definition, feed).flatMap(({ event }) => event ?? [])
    // A ping says less than what it leaves out.
    if (isPing) expect(events.filter(event => delivered.has(event))).toEqual([])
    else expect(events.filter(event => !delivered.has(event))).toEqual([])
  })

  test('its cursor is read where it says', () => {
    const { cursor } = feed
    if ('time' in cursor) return expect(cursor.time.overlapSeconds).toBeGreaterThanOrEqual(0)
    expect(readValue(answerOf(id, feed, 'first'), cursor.at)?.text).toBeTruthy()
    if ('text' in cursor.start) return expect(cursor.start.text).not.toBe('')
    const path = existsSync(pathOf(id, feed, 'start'))
      ? pathOf(id, feed, 'start')
      : join(fixtureDir(id), 'api/identity.json')
    expect(readValue(contextOf(path), cursor.start.at)?.text).toBeTruthy()
  })
})

test.each(testedProviders.map(one => [one.id, one] as const))(
  '%s has no fixture of a feed that it has not',
  (id, { feeds = [] }) => {
    const folder = join(fixtureDir(id), 'api')
    const files = (existsSync(folder) ? readdirSync(folder) : []).filter(name => name.startsWith('feed-'))
    const known = feeds.flatMap(feed => ['first', 'start', 'each'].map(name => pathOf(id, feed, name)))
    expect(files.filter(name => !known.includes(join(folder, name)))).toEqual([])
  },
)

function callsOf({ call, cursor, each }: Feed): [name: string, call: Call][] {
  const start = 'start' in cursor && 'call' in cursor.start ? cursor.start.call : undefined
  const calls: [string, Call | undefined][] = [
    ['first', call],
    ['start', start],
    ['each', each?.call],
  ]
  return calls.filter((one): one is [string, Call] => one[1] !== undefined)
}

function pathOf(id: string, { name }: Feed, call: string): string {
  return join(fixtureDir(id), `api/feed-${name}${call === 'first' ? '' : `-${call}`}.json`)
}

function contextOf(path: string): ItemContext {
  const context = answerContext(readFileSync(path))
  if (!context) throw new Error(`${path} is no JSON`)
  return context
}

function answerOf(id: string, feed: Feed, call: string): ItemContext {
  return contextOf(pathOf(id, feed, call))
}

function itemsOf(definition: ProviderDefinition, feed: Feed): FeedItem[] {
  const { each } = feed
  if (each) {
    const listed = readList(each, answerOf(definition.id, feed, 'first'))
    if ('fault' in listed) throw new Error(listed.fault)
    expect(listed.length).toBeGreaterThan(0)
    expect(listed.every(({ at }) => at !== null)).toBe(true)
  }
  const items = readFeed(definition, feed, answerOf(definition.id, feed, each ? 'each' : 'first'), feed.per !== 'app')
  if ('fault' in items) throw new Error(items.fault)
  return items
}

/** Every slot that a call of a feed may have, with a plain value. */
function slotsFor({ id, accounts, settings = {}, secrets }: ProviderDefinition, { types = [], call }: Feed): Slots {
  const signing = typeof call.auth === 'object' && 'jwt' in call.auth ? slotsOf(call.auth.jwt) : []
  const [company] = readJson<AccountFixture[]>(join(fixtureDir(id), 'accounts.json')) as [AccountFixture]
  const prefixed = (word: string, values: [string, string][]): Slots =>
    Object.fromEntries(values.map(([name, value]) => [`${word}.${name}`, value]))
  return {
    ...company.slots,
    ...prefixed('account', Object.entries(company.values)),
    account: company.values[accounts[0]?.kind ?? ''] ?? '',
    ...prefixed(
      'setting',
      Object.entries(settings).map(([name, { pattern }]) => [name, textOf(pattern)]),
    ),
    ...prefixed(
      'secret',
      Object.entries(secrets).map(([name]) => [name, signing.includes(`secret.${name}`) ? pem : `the ${name} secret`]),
    ),
    ...sinceSlots(Date.UTC(2026, 10, 25, 10)),
    clientId: '1234567890123456',
    token: 't0ken',
    cursor: '100',
    types: types.join(','),
    type: types[0] ?? '',
    resource: company.resources?.[0]?.id ?? 'r1',
    activation: '1000',
    item: '7',
    now: '1764064800',
    uuid: '5d3f8a10-6b2c-4e7d-9f01-23456789abcd',
  }
}
