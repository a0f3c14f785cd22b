import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wholeDefinition } from '../../src/core/credentials-definition.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { fieldFaults } from '../../src/core/definition-fields.ts'
import { definitionHash } from '../../src/core/definition-hash.ts'
import { ingest } from '../../src/core/ingest.ts'
import { describeScheme } from '../../src/core/scheme-text.ts'
import { definitionFaults } from '../../src/core/validate-definition.ts'
import { accountText, valueText, whenText } from '../../src/core/value-text.ts'
import { providerOf, providers } from '../../src/providers/index.ts'
import { deliveryFixtures, keyringOf } from '../helpers/fixtures.ts'

interface Place {
  holder: Record<string, unknown>
  key: string
}

/** Every member and element of a definition, with what holds it. */
function placesOf(at: unknown): Place[] {
  if (typeof at !== 'object' || at === null) return []
  const holder = at as Record<string, unknown>
  return Object.keys(holder).flatMap(key => [{ holder, key }, ...placesOf(holder[key])])
}

const texts = [
  '',
  '$',
  '@',
  '$.a',
  '@.b',
  '$.a[*]',
  '$[*]',
  '@.a[*]',
  "$['a','b']",
  '{x}',
  '{callback}',
  '^(a|b)+$',
  '(',
  '__proto__',
  'x',
]
const other = fc.oneof(
  fc.constantFrom<unknown>(...texts, null, true, -1, 0, 1e9, 0.5, [], {}, ['$'], { first: [] }, { join: [], by: '' }),
  fc.constantFrom<unknown>(
    { capture: { of: '$.a', pattern: 'a' } },
    { part: { of: '@.a', by: '', from: -5, to: -9 } },
    { base64Json: { of: { header: '' }, at: '@.a[*]' } },
    { template: '{@.a}{$.b[*].c}' },
    { map: { of: { query: '' }, words: {} } },
    { all: [] },
  ),
)
const change = fc.record({
  isWide: fc.boolean(),
  where: fc.nat(),
  from: fc.nat(),
  how: fc.constantFrom('other', 'other', 'copy', 'gone'),
  other,
})
type Change = { isWide: boolean; where: number; from: number; how: string; other: unknown }

function changed(definition: ProviderDefinition, changes: Change[]): ProviderDefinition {
  const copy = JSON.parse(JSON.stringify(definition)) as ProviderDefinition
  for (const { isWide, where, from, how, other } of changes) {
    const places = placesOf(isWide ? copy : copy.webhook)
    if (places.length === 0) continue
    const { holder, key } = places[where % places.length] as Place
    const source = places[from % places.length] as Place
    if (how === 'copy') holder[key] = structuredClone(source.holder[source.key])
    else if (how === 'other') holder[key] = structuredClone(other)
    else if (Array.isArray(holder)) holder.splice(Number(key), 1)
    else delete holder[key]
  }
  return copy
}

const ids = providers.map(({ id }) => id)
const deliveries = new Map(providers.map(({ id }) => [id, deliveryFixtures(id)]))

test('whatever is done to a definition, its faults are said in words; what has none reads deliveries without an error', () => {
  let sound = 0
  fc.assert(
    fc.property(fc.constantFrom(...ids), fc.array(change, { minLength: 1, maxLength: 3 }), (id, changes) => {
      const definition = providerOf(id) as ProviderDefinition
      const written = changed(definition, changes)
      const faults = fieldFaults(written)
      const copy = faults.length === 0 ? wholeDefinition(written) : written
      if (faults.length === 0) faults.push(...definitionFaults(copy))
      for (const fault of faults) expect(fault).toMatch(/^[^\n]{5,2000}$/)
      if (faults.length > 0) return
      sound++
      for (const delivery of deliveries.get(definition.id) ?? []) {
        const result = ingest(copy, delivery, keyringOf(definition, delivery))
        expect(result.outcome).toMatch(/^(accepted|rejected|handshake|needs-key)$/)
      }
      for (const scheme of copy.webhook.verify) expect(describeScheme(scheme)).not.toContain('undefined')
      for (const shape of copy.webhook.shapes) {
        const said = [whenText(shape.when), valueText(shape.providerEvent), ...shape.accounts.map(accountText)]
        expect(said.join()).not.toMatch(/undefined|\[object/)
      }
    }),
    { numRuns: 800 },
  )
  expect(sound).toBeGreaterThan(15)
})

test('a definition’s hash is that of its facts, whatever their order', () => {
  const turned = (value: unknown): unknown =>
    typeof value !== 'object' || value === null || Array.isArray(value)
      ? value
      : Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, one]) => [key, turned(one)]),
        )
  fc.assert(
    fc.property(fc.constantFrom(...ids), change, (id, one) => {
      const definition = providerOf(id) as ProviderDefinition
      const copy = changed(definition, [one])
      expect(definitionHash(turned(definition) as ProviderDefinition)).toBe(definitionHash(definition))
      const same = JSON.stringify(copy) === JSON.stringify(definition)
      expect(definitionHash(copy) === definitionHash(definition)).toBe(same)
    }),
  )
})
