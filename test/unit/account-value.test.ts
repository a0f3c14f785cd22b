import { expect, test } from 'vitest'
import { accountValue } from '../../src/app/account-value.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'

test.each([
  ['9341453900000009999', '9341453900000009999'],
  ['realm:9341453900000009999', '9341453900000009999'],
  [' 9341453900000009999 ', '9341453900000009999'],
])('%j is an account', (text, value) => {
  expect(accountValue(quickbooks, text)).toEqual({ kind: 'realm', value })
})

test.each(['', 'acme', 'team:934', '934 145', 'realm:', '../934', '9'.repeat(31)])('%j is refused', text => {
  expect(() => accountValue(quickbooks, text)).toThrow(expect.objectContaining({ code: 'bad-account', exit: 2 }))
})
