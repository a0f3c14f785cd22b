import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ActivationApi, Listing, Moment } from '../../src/core/activation-definition.ts'
import { composeCall } from '../../src/core/call.ts'
import type { Hosts, ProviderDefinition } from '../../src/core/definition.ts'
import { type Slots, slotsOf } from '../../src/core/fill-text.ts'
import { holds } from '../../src/core/holds.ts'
import { splitItems } from '../../src/core/split.ts'
import { mustFillText } from '../../src/core/url-template.ts'
import { answerContext, type ItemContext, readValue } from '../../src/core/value.ts'
import type { Call } from '../../src/core/value-definition.ts'
import { textOf } from '../../src/simulate/example-text.ts'
import type { AccountFixture } from '../../src/simulate/fixtures.ts'
import { fixtureDir, readJson, testedProviders } from '../helpers/fixtures.ts'

type Case = [id: string, definition: ProviderDefinition, api: ActivationApi, slots: Slots]

const callback = 'https://hooks.example.com/hooks/app/k3y'
const now = Date.UTC(2026, 10, 25, 10)
const cases = testedProviders.flatMap((definition): Case[] => {
  const { api } = definition.activation
  return api ? [[definition.id, definition, api, slotsFor(definition, api)]] : []
})

describe.each(cases)('%s', (id, definition, api, slots) => {
  test.each(callsOf(api))('its call to %s is filled in, and goes to its hosts', (_, call) => {
    for (const hosts of Object.values(definition.hosts)) {
      const { url, headers, body = '' } = composeCall(call, { hosts, slots })
      expect(originsOf(hosts, slots)).toContain(new URL(url).origin)
      expect(slotsOf([url, ...Object.values(headers), body].join(' '))).toEqual([])
      expect(body).not.toContain('$number')
    }
  })

  test('what sets a URL says exactly the callback URL', () => {
    const setting = [api.create, api.move].filter(call => JSON.stringify(call)?.includes('{callback}'))
    for (const call of setting) expect(textsIn(call as Call, definition, slots)).toContain(callback)
    if (typeof api.move === 'object') expect(setting).toHaveLength(2)
  })

  test('its fixtures are those of the calls that it has', () => {
    const has = (name: string): boolean => existsSync(pathOf(id, name))
    expect(has('create')).toBe(true)
    expect(has('list')).toBe(api.list !== undefined)
    expect(has('resources')).toBe(api.resources !== undefined && 'call' in api.resources)
    expect(has('renew')).toBe(typeof api.renew === 'object')
    expect(has('secret')).toBe(api.made.secretBy !== undefined)
  })

  test('the answer that made a hook tells its id, its secret and its end', () => {
    const { made, create } = api
    const answer = answerOf(id, 'create')
    if (create.failedWhen) expect(holds(answer, create.failedWhen)).toBe(false)
    const { kind } = definition.activation
    const known = definition.accounts.find(account => account.kind === kind)
    expect(madeId(api, answer, slots)).toMatch(new RegExp(known?.pattern ?? '.'))
    if (made.secret !== undefined) expect(readValue(answer, made.secret)?.text).toBeTruthy()
    if (made.secretBy) expect(readValue(answerOf(id, 'secret'), made.secretBy.at)?.text).toBeTruthy()
    if (made.expires) expect(timeOf(answer, made.expires)).toBeGreaterThan(now)
    for (const value of Object.values(made.keep ?? {})) expect(readValue(answer, value)?.text).toBeTruthy()
  })

  test('its scopes are asked for at the consent, where the consent asks for scopes at all', () => {
    const { scopes, leaveOut = [] } = definition.oauth
    if (!leaveOut.includes('scope')) expect(scopes).toEqual(expect.arrayContaining(api.scopes ?? []))
  })

  test('a slot of its own has no name of another one', () => {
    const usual = ['token', 'account', 'callback', 'secret', 'resource', 'activation', 'ttl', 'uuid']
    for (const name of Object.keys(api.made.keep ?? {})) expect(usual).not.toContain(name)
  })
})

test.each(cases.filter(([, , { list }]) => list))(
  '%s lists the hook that it made, with its URL',
  (id, _, api, slots) => {
    const list = api.list as Listing & NonNullable<ActivationApi['list']>
    const { all, kept } = listed(list, answerOf(id, 'list'))
    if (list.where) expect(kept.length).toBeLessThan(all)
    expect(kept.length).toBeGreaterThan(0)
    const made = answerOf(id, 'create')
    const ours = kept.filter(item => readValue(item, list.id)?.text === madeId(api, made, slots))
    const kinds = Object.entries(list.keep ?? {})
    const same = ours.filter(item =>
      kinds.every(
        ([name, value]) => readValue(item, value)?.text === readValue(made, api.made.keep?.[name] ?? '$')?.text,
      ),
    )
    expect(same).toHaveLength(1)
    for (const item of kept) {
      if (list.url !== undefined) expect(readValue(item, list.url)?.text).toMatch(/^https:\/\//)
      if (list.resource !== undefined) expect(readValue(item, list.resource)?.text).toBeTruthy()
      if (list.secret !== undefined) expect(readValue(item, list.secret)?.text).toBeTruthy()
      if (list.expires) expect(timeOf(item, list.expires)).toBeGreaterThan(now)
    }
  },
)

test.each(cases.filter(([, , { resources }]) => resources))(
  '%s tells what hooks can be for',
  (id, _, { resources }) => {
    if (resources && 'all' in resources) {
      expect(new Set(resources.all.map(one => one.id)).size).toBe(resources.all.length)
      expect(resources.all.some(({ usual }) => usual)).toBe(true)
      return
    }
    const listing = resources as Exclude<ActivationApi['resources'], { all: unknown } | undefined>
    const { kept } = listed(listing, answerOf(id, 'resources'))
    expect(kept.length).toBeGreaterThan(0)
    const ids = kept.map(item => readValue(item, listing.id)?.text)
    expect(ids).not.toContain(undefined)
    expect(new Set(ids).size).toBe(ids.length)
    const { name, usual } = listing
    if (name !== undefined) for (const item of kept) expect(readValue(item, name)?.text).toBeTruthy()
    if (usual) expect(kept.some(item => holds(item, usual))).toBe(true)
  },
)

const renewing = cases.filter(([, , { renew }]) => typeof renew === 'object' && renew.expires)

test.each(renewing)('%s tells a later end when it renews', (id, { activation }, { renew, made }) => {
  const { expires } = renew as { expires: Moment }
  const before = made.expires ? timeOf(answerOf(id, 'create'), made.expires) : now
  expect(timeOf(answerOf(id, 'renew'), expires)).toBeGreaterThan(before)
  expect(activation.days).toBeGreaterThan(0)
})

/** Every slot that a call may have, with a plain value. */
function slotsFor(
  { id, accounts, settings = {}, secrets }: ProviderDefinition,
  { resources, made }: ActivationApi,
): Slots {
  const [company] = readJson<AccountFixture[]>(join(fixtureDir(id), 'accounts.json')) as [AccountFixture]
  const { values, records = {} } = company
  const fixed = resources && 'all' in resources ? resources.all[0]?.id : undefined
  const resource = fixed ?? company.resources?.[0]?.id ?? Object.values(records)[0]?.[0] ?? 'r1'
  return {
    ...Object.fromEntries(Object.keys(made.keep ?? {}).map(name => [name, `kept-${name}`])),
    ...company.slots,
    ...prefixed('account', values),
    account: values[accounts[0]?.kind ?? ''] ?? '',
    ...prefixed(
      'setting',
      Object.fromEntries(Object.entries(settings).map(([name, one]) => [name, textOf(one.pattern)])),
    ),
    ...prefixed('secret', Object.fromEntries(Object.keys(secrets).map(name => [name, `the ${name} secret`]))),
    clientId: '1234567890123456',
    token: 't0ken',
    refreshToken: 'r3fresh',
    callback,
    uuid: '5d3f8a10-6b2c-4e7d-9f01-23456789abcd',
    secret: 'us3r:passw0rd',
    secretUser: 'us3r',
    secretPassword: 'passw0rd',
    resource,
    activation: '1000',
    'expires.iso': new Date(now).toISOString(),
    'expires.s': String(now / 1000),
    'expires.ms': String(now),
    ttl: '86400',
  }
}

function prefixed(word: string, values: Record<string, string>): Slots {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${word}.${name}`, value]))
}

function callsOf({ resources, list, create, made, renew, move, remove }: ActivationApi): [string, Call][] {
  const calls: [string, Call | undefined][] = [
    ['list resources', resources && 'call' in resources ? resources.call : undefined],
    ['list', list?.call],
    ['create', create],
    ['ask for the secret', made.secretBy?.call],
    ['renew', typeof renew === 'object' ? renew.call : undefined],
    ['move', typeof move === 'object' ? move : undefined],
    ['remove', remove],
  ]
  return calls.filter((one): one is [string, Call] => one[1] !== undefined)
}

function originsOf(hosts: Hosts, slots: Slots): string[] {
  return Object.values(hosts).map(origin => mustFillText(origin, slots))
}

/** Every text that a filled-in call says, in its URL and in its body. */
function textsIn(call: Call, { hosts }: ProviderDefinition, slots: Slots): string[] {
  const { url, body = '' } = composeCall(call, { hosts: Object.values(hosts)[0] as Hosts, slots })
  const inUrl = [...new URL(url).searchParams.values()]
  if (call.body && 'form' in call.body) return [...inUrl, ...new URLSearchParams(body).values()]
  return [...inUrl, ...textsOf(body === '' ? null : JSON.parse(body))]
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}

function pathOf(id: string, name: string): string {
  return join(fixtureDir(id), `api/activation-${name}.json`)
}

function answerOf(id: string, name: string): ItemContext {
  const context = answerContext(readFileSync(pathOf(id, name)))
  if (!context) throw new Error(`activation-${name}.json of ${id} is no JSON`)
  return context
}

function madeId({ made }: ActivationApi, answer: ItemContext, slots: Slots): string | undefined {
  const { id } = made
  if (typeof id === 'object' && 'chosen' in id) return mustFillText(id.chosen, slots)
  return readValue(answer, id)?.text
}

function listed({ items, where }: Listing, answer: ItemContext): { all: number; kept: ItemContext[] } {
  const found = (splitItems(answer.doc, [items]) ?? []).filter(item => item.whole)
  const all = found.map(item => ({ ...answer, item }))
  return { all: all.length, kept: all.filter(item => where === undefined || holds(item, where)) }
}

function timeOf(context: ItemContext, { at, unit }: Moment): number {
  const text = readValue(context, at)?.text ?? ''
  return unit === 'iso' ? Date.parse(text) : Number(text) * (unit === 's' ? 1000 : 1)
}
