import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { accountsAnswered, askedIn } from '../../../src/core/asked-accounts.ts'
import type { Resolve } from '../../../src/core/resolve-definition.ts'
import { definitionFaults } from '../../../src/core/validate-definition.ts'
import { answerContext, type ItemContext } from '../../../src/core/value.ts'
import { byApp, byTenant, resolvingDefinition } from '../../helpers/resolve-world.ts'

function answer(value: unknown): ItemContext {
  return answerContext(Buffer.from(JSON.stringify(value))) as ItemContext
}

const own = { kind: 'account', value: 'acc-1' }
const answered = (resolve: Resolve, ...answers: unknown[]) =>
  accountsAnswered(resolvingDefinition([resolve]), resolve, 't1', answers.map(answer), own)

test('an item is asked about by the first entry that reads something', () => {
  const definition = resolvingDefinition([{ ...byTenant, from: '@.other', name: 'other' }, byTenant])
  expect(askedIn(definition, answer({ other: ' ', thing: ' t1 ' }))).toEqual({ name: 'thing', value: 't1' })
  expect(askedIn(definition, answer({ other: 7, thing: 't1' }))).toEqual({ name: 'other', value: '7' })
  expect(askedIn(definition, answer({}))).toBeUndefined()
  expect(askedIn(definition, answer({ thing: 'x'.repeat(513) }))).toBeUndefined()
})

test('a good answer stands for the one who asked, unless it must name the value and names another', () => {
  expect(answered(byTenant, { id: 't2' })).toEqual([own])
  const equals = { ...byTenant, equals: '$.id' }
  expect(answered(equals, { id: 't1' })).toEqual([own])
  expect(answered(equals, { id: 't2' })).toEqual([])
  expect(answered(equals, {})).toEqual([])
  expect(accountsAnswered(resolvingDefinition([byTenant]), byTenant, 't1', [answer({})], null)).toEqual([])
})

test('of several things on several pages those that are meant count, each account once', () => {
  const named: Resolve = { ...byApp, equals: '@.thing' }
  const pages = [
    {
      accounts: [
        { thing: 't1', id: 'a' },
        { thing: 't2', id: 'b' },
      ],
    },
    { accounts: [{ thing: 't1', id: 'a' }] },
  ]
  expect(answered(named, ...pages)).toEqual([{ kind: 'account', value: 'a' }])
  expect(answered(byApp, ...pages)).toEqual([
    { kind: 'account', value: 'a' },
    { kind: 'account', value: 'b' },
  ])
  expect(answered(byApp, { accounts: [{ id: null }, {}] })).toEqual([])
})

test.each<[string, Partial<Resolve>]>([
  [
    'call: it sends no {value}, and nothing is compared with it (equals)',
    { call: { method: 'GET', url: '{api}/things' } },
  ],
  ['account: there is no kind shop', { account: { kind: 'shop', at: '$.id' } }],
  ['account: the app’s own call must say whose it is', { as: 'app', call: { ...byApp.call } }],
  ['call.auth: the app’s own call must say with which credentials it is made', { ...byApp, call: byTenant.call }],
  ['path "thing" must begin with $ or @', { from: 'thing' }],
  ['@.list[*] must begin with $', { items: '@.list[*]' }],
  [
    'call: {api}/{nowhere}/{value} has the unknown slot {nowhere}',
    { call: { method: 'GET', url: '{api}/{nowhere}/{value}' } },
  ],
])('a definition is told: %s', (fault, change) => {
  const faults = definitionFaults(resolvingDefinition([{ ...byTenant, ...change }]))
  expect(faults).toContainEqual(expect.stringContaining(`resolve thing: ${fault}`))
})

test('a name that stands twice is a fault, and sound ones are none', () => {
  expect(definitionFaults(resolvingDefinition([byTenant, byTenant]))).toContain(
    'resolve thing: its name is there twice',
  )
  expect(definitionFaults(resolvingDefinition([byTenant, { ...byApp, name: 'other' }]))).toEqual([])
})
