import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { checkCallback } from '../../../src/connect/check-callback.ts'
import { signCallback } from '../../../src/core/callback-signature.ts'
import { quickbooks } from '../../../src/providers/quickbooks.ts'

const definition = {
  company: 'Shops',
  oauth: { ...quickbooks.oauth, callbackSignature: { hash: 'sha256', parameter: 'hmac', secret: 'client' } as const },
}
const asked = { definition, hosts: {}, slots: {} }
const secrets = { client: ['newest', 'older'] }

/** A query with the signature of a message that is written out by hand. */
function check(query: string, message: string, key = 'newest'): void {
  const hmac = createHmac('sha256', key).update(message).digest('hex')
  checkCallback(asked, new URLSearchParams(`${query}&hmac=${hmac}`), secrets)
}

test('sorted by name, whatever their order, with any valid secret, in either case of the digits', () => {
  const message = 'code=0907a&shop=some.shops.example&state=0.67&timestamp=1337178173'
  check('shop=some.shops.example&state=0.67&code=0907a&timestamp=1337178173', message)
  check('timestamp=1337178173&shop=some.shops.example&state=0.67&code=0907a', message, 'older')
  const upper = createHmac('sha256', 'newest').update('code=1').digest('hex').toUpperCase()
  checkCallback(asked, new URLSearchParams(`code=1&hmac=${upper}`), secrets)
})

test('values are signed as in a URL, or with only what is ambiguous encoded', () => {
  check('host=YQ%3D%3D&code=1', 'code=1&host=YQ%3D%3D')
  check('host=YQ%3D%3D&code=1', 'code=1&host=YQ==')
  check('a=x%26y%25', 'a=x%26y%25')
})

test.each([
  ['code=1', 'code=2', 'newest'],
  ['code=1', 'code=1', 'unknown'],
  ['code=1&more=2', 'code=1', 'newest'],
  ['a=x%26y=2', 'a=x&y=2', 'newest'],
  ['code=1&code=2', 'code=1&code=2', 'newest'],
])('%s is not what %s signs with %s', (query, message, key) => {
  expect(() => check(query, message, key)).toThrow(expect.objectContaining({ code: 'callback-forged', exit: 4 }))
})

test.each(['code=1', 'code=1&hmac=', 'code=1&hmac=zz', 'hmac=', ''])('without a signature "%s" is refused', query => {
  expect(() => checkCallback(asked, new URLSearchParams(query), secrets)).toThrow('was not signed by Shops')
  expect(() => checkCallback(asked, new URLSearchParams(query), {})).toThrow('was not signed by Shops')
})

test('where the provider signs nothing, nothing is checked', () => {
  expect(() => checkCallback({ ...asked, definition: quickbooks }, new URLSearchParams('code=1'), {})).not.toThrow()
})

test('what is signed as a provider does it is found to be signed', () => {
  const { callbackSignature } = definition.oauth
  const parameters = new URLSearchParams({ shop: 'a&b=c%', state: '1', code: 'x y' })
  parameters.set('hmac', signCallback(callbackSignature, parameters, 'older'))
  expect(() => checkCallback(asked, parameters, secrets)).not.toThrow()
})
