import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashOfKey } from '../../src/core/activation-key.ts'
import { asana } from '../../src/providers/asana.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { makeReceiver } from '../../src/receive/receiver.ts'
import { recheckRejected } from '../../src/receive/recheck.ts'
import { receiverDeps, receivingApp } from '../helpers/receiving.ts'
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
    activation: null,
  })
  const right = { id: 1, name: 'webhook', value: 'right', fingerprint: 'f', activation: null }
  const app = await receivingApp(store, added, quickbooks, { secrets: [right] })
  await Promise.all([recheckRejected(store, app), recheckRejected(other, app)])
  expect(await store.read('countEvents', { filter: {} })).toBe(1)
  expect(await store.read('listRejected', { filter: {}, order: 'newest', limit: 5 })).toEqual([])
})

test('what was judged by a secret that was replaced meanwhile is judged again, and kept nowhere', async () => {
  const store = await tempStore()
  const added = await addApp(store)
  const secret = (value: string) => ({ id: 1, name: 'webhook', value, fingerprint: 'f', activation: null })
  let isReplaced = false
  const loadApps = async () => {
    const known = isReplaced ? 'right' : 'wrong'
    const loaded = new Map([['quickbooks', await receivingApp(store, added, quickbooks, { secrets: [secret(known)] })]])
    if (!isReplaced) await store.write('setApp', { app: 'quickbooks', secrets: { webhook: 'right' }, keepOldMs: 0 })
    isReplaced = true
    return loaded
  }
  const door = makeReceiver({ ...receiverDeps(store), loadApps })
  const body = Buffer.from('[{"specversion":"1.0","id":"a","type":"qbo.invoice.created.v1","intuitaccountid":"1"}]')
  const headers = ['intuit-signature', createHmac('sha256', 'right').update(body).digest('base64')]
  const request = { method: 'POST', url: '/hooks/quickbooks', headers, body, receivedAt: Date.now() }
  expect(await door.handle(request)).toMatchObject({ status: 200 })
  expect(await store.read('listRejected', { filter: {}, order: 'newest', limit: 5 })).toEqual([])
})

const key = (letter: string): string => letter.repeat(43)

/** An app whose hooks have URLs with keys, and the door before it. */
async function keyedApp() {
  const store = await tempStore()
  const place = { env: 'production' as const, clientId: 'id', hosts: {}, settings: {}, secrets: {} }
  const app = await store.write('addApp', { name: 'asana', provider: 'asana', ...place })
  const hook = (tenant: string, keyLetter: string, secret?: string) =>
    store.write('addActivation', {
      app: 'asana',
      tenant,
      keyHash: hashOfKey(key(keyLetter)),
      state: secret === undefined ? 'pending' : 'active',
      secret: secret === undefined ? null : { name: 'webhook', value: secret },
      release: true,
    })
  const loadApps = async () => new Map([['asana', await receivingApp(store, app, asana)]])
  const door = makeReceiver({ ...receiverDeps(store), loadApps })
  const post = (letter: string, secret: string) => {
    const body = Buffer.from('{"events":[{"action":"changed","resource":{"gid":"1","resource_type":"task"}}]}')
    const headers = ['X-Hook-Signature', createHmac('sha256', secret).update(body).digest('hex')]
    return door.handle({ method: 'POST', url: `/hooks/asana/${key(letter)}`, headers, body, receivedAt: Date.now() })
  }
  const recheck = async () => recheckRejected(store, await receivingApp(store, app, asana))
  const tenants = async () =>
    (await store.read('listEvents', { filter: {}, order: 'oldest', limit: 9 })).map(({ tenant }) => tenant)
  return { store, hook, post, recheck, tenants }
}

test('a kept request is checked again by the hook that its URL named, however many there are', async () => {
  const { store, hook, post, recheck, tenants } = await keyedApp()
  const { activation } = await hook('acme', 'a')
  expect(await post('a', 'brought later')).toMatchObject({ status: 503 })
  await store.write('confirmActivation', { seq: activation.seq, secret: { name: 'webhook', value: 'brought later' } })
  for (let index = 0; index < 60; index++) await hook('globex', `${index}`, `other ${index}`)
  expect(await recheck()).toEqual({ taken: 1, left: 0 })
  expect(await tenants()).toEqual(['acme'])
})

test('a kept request is not taken in by another hook’s secret, nor after its own hook is gone', async () => {
  const { store, hook, post, recheck, tenants } = await keyedApp()
  const { activation } = await hook('acme', 'a', 'of acme')
  await hook('globex', 'g', 'of globex')
  expect(await post('a', 'of globex')).toMatchObject({ status: 401 })
  expect(await recheck()).toEqual({ taken: 0, left: 1 })
  await store.write('removeActivation', { id: activation.id })
  expect(await recheck()).toEqual({ taken: 0, left: 1 })
  expect(await tenants()).toEqual([])
})

test('what was rejected at a tenant’s URL is forgotten with the tenant', async () => {
  const { store, hook, post } = await keyedApp()
  await hook('acme', 'a', 'of acme')
  await hook('globex', 'g', 'of globex')
  for (const letter of ['a', 'g']) await post(letter, 'wrong')
  await store.write('forgetTenant', { name: 'acme' })
  const left = await store.read('listRejected', { filter: {}, order: 'oldest', limit: 9 })
  const globex = (await store.read('listActivations', { tenant: 'globex' }))[0]?.seq
  expect(left.map(({ activation }) => activation)).toEqual([globex])
})
