import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { recheckRejected } from '../../src/receive/recheck.ts'
import { receivingApp } from '../helpers/receiving.ts'
import { addApp } from '../helpers/store-facts.ts'
import { tempHome, tempStore } from '../helpers/temp-home.ts'

test('two processes that check the same kept request again take it in once', async () => {
  const home = tempHome()
  const [store, other] = [await tempStore({ home }), await tempStore({ home })]
  const added = await addApp(store)
  const { id } = added
  const body = Buffer.from('[{"specversion":"1.0","id":"a","type":"qbo.invoice.created.v1","intuitaccountid":"1"}]')
  const signature = createHmac('sha256', 'right').update(body).digest('base64')
  await store.write('keepRejected', {
    appId: id,
    receivedAt: Date.now(),
    method: 'POST',
    path: '/hooks/quickbooks',
    suffix: '',
    headers: JSON.stringify(['intuit-signature', signature]),
    body,
    bytes: body.length,
    status: 401,
    reason: 'wrong-secret',
    detail: '',
    source: 'delivery',
  })
  const right = { id: 1, name: 'webhook', value: 'right', fingerprint: 'f', activation: null }
  const app = await receivingApp(store, added, quickbooks, { secrets: [right] })
  await Promise.all([recheckRejected(store, app), recheckRejected(other, app)])
  expect(await store.read('countEvents', { filter: {} })).toBe(1)
  expect(await store.read('listRejected', { filter: {}, order: 'newest', limit: 5 })).toEqual([])
})
