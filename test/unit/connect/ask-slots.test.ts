import { expect, test } from 'vitest'
import { cleanSlot, slotFault } from '../../../src/connect/ask-slots.ts'

const shop = { name: 'shop', label: 'shop', example: 'acme', pattern: '[a-z0-9][a-z0-9-]*', suffix: '.shops.example' }
const region = { name: 'region', label: 'region', example: 'eu', pattern: 'eu|us' }

test.each([
  ['acme', 'acme'],
  [' Acme ', 'acme'],
  ['acme.shops.example', 'acme'],
  ['https://ACME.shops.example/admin?x=1#y', 'acme'],
])('%s is the shop %s', (typed, value) => {
  expect(cleanSlot(shop, typed)).toBe(value)
  expect(slotFault(shop, typed)).toBeUndefined()
})

test.each(['', '.shops.example', 'acme.other.example', 'acme.shops.example.evil', 'a_b', 'x'.repeat(64), 'a\nb'])(
  '%j is no shop',
  typed => {
    expect(cleanSlot(shop, typed)).toBeUndefined()
    expect(slotFault(shop, typed)).toBe('it looks like acme (or acme.shops.example)')
  },
)

test('a pattern is held to the whole text, alternatives too', () => {
  expect(cleanSlot(region, 'eu')).toBe('eu')
  for (const typed of ['europe', 'xeu', 'https://eu']) expect(cleanSlot(region, typed)).toBeUndefined()
  expect(slotFault(region, 'x')).toBe('it looks like eu')
})
