import { expect, test } from 'vitest'
import { type StrayApp, strayHint } from '../../../src/core/stray-hint.ts'

const books: StrayApp = { name: 'books-live', provider: 'books', field: 'Endpoint URL' }
const shop: StrayApp = { name: 'shop', provider: 'shop', field: 'Delivery URL' }
const toBooks = 'Meant /hooks/books-live? Correct the Endpoint URL in the portal'
const toShop = 'Meant /hooks/shop? Correct the Delivery URL in the portal'

test.each([
  ['POST', '/webhook/books-live', [books, shop], toBooks],
  ['POST', '/hooks/Books-Live', [books, shop], toBooks],
  ['POST', '//hooks//books-live', [books, shop], toBooks],
  ['POST', '/hooks/books-live%20', [books, shop], toBooks],
  ['POST', '/hooks/books-live".', [books, shop], toBooks],
  ['POST', '/hooks/boks-live', [books, shop], toBooks],
  ['POST', '/api/webhooks/shop/orders', [books, shop], toShop],
  ['POST', '/hooks/books', [books, shop], toBooks],
  ['POST', '/shop', [books, shop], toShop],
  ['POST', '/webhooks', [books], toBooks],
  ['PUT', '/notifications/new', [books], toBooks],
  ['POST', '/', [books], null],
  ['POST', '/xmlrpc.php', [books], null],
  ['GET', '/wp-login.php', [books, shop], null],
  [
    'POST',
    '/hooks/books',
    [books, { ...books, name: 'books-test' }],
    'Callback URLs begin with /hooks/ and an app’s name: whs status',
  ],
  ['POST', '/hooks', [books, shop], 'Callback URLs begin with /hooks/ and an app’s name: whs status'],
  ['POST', '/hooks/books', [], 'No app is set up yet: whs setup <provider>'],
  ['GET', '/auth/oauth/shop', [books, shop], 'Meant /oauth/callback/shop? Correct the redirect URI in the portal'],
  ['GET', '/oauth/redirect', [shop], 'Meant /oauth/callback/shop? Correct the redirect URI in the portal'],
] as const)('%s %s', (method, path, apps, hint) => {
  expect(strayHint(method, path, [...apps])).toBe(hint)
})
