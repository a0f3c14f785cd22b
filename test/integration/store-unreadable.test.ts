import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashOfKey } from '../../src/core/activation-key.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { asana } from '../../src/providers/asana.ts'
import { mailchimp } from '../../src/providers/mailchimp.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { makeReceiver } from '../../src/receive/receiver.ts'
import { recheckRejected } from '../../src/receive/recheck.ts'
import type { Store } from '../../src/store/store.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { receiverDeps, receivingApp } from '../helpers/receiving.ts'
import { finishConsent, listen } from '../helpers/store-facts.ts'
import { queryFile, tempStore } from '../helpers/temp-home.ts'

checkLeaks()

async function begin(definition: ProviderDefinition, secrets: Record<string, string> = {}) {
  const store = await tempStore()
  const place = { env: 'production' as const, clientId: 'id', hosts: {}, settings: {} }
  const app = await store.write('addApp', { name: definition.id, provider: definition.id, ...place, secrets })
  const receiving = () => receivingApp(store, app, definition)
  const door = makeReceiver({
    ...receiverDeps(store),
    loadApps: async () => new Map([[definition.id, await receiving()]]),
  })
  const post = async (behind: string, headers: string[], text: string): Promise<number> => {
    const request = { method: 'POST', url: `/hooks/${definition.id}${behind}`, headers, body: Buffer.from(text) }
    return (await door.handle({ ...request, receivedAt: Date.now() })).status
  }
  const key = (letter: string): string => letter.repeat(43)
  const hook = async (tenant: string, letter: string, more: object = {}) =>
    (
      await store.write('addActivation', {
        app: definition.id,
        tenant,
        keyHash: hashOfKey(key(letter)),
        state: 'active',
        secret: { name: 'webhook', value: `of ${tenant}` },
        release: true,
        ...more,
      })
    ).activation
  return { store, app, receiving, post, key, hook }
}

/** As a disk that forgets would do it. */
function damage(store: Store, name: string, activation: number | null): void {
  const sql = "UPDATE secrets SET value_sealed = x'00112233' WHERE name = ? AND activation_id IS ?"
  queryFile(store.home, sql, name, activation)
}

function hmac(secret: string, text: string, encoding: 'hex' | 'base64' = 'hex'): string {
  return createHmac('sha256', secret).update(text).digest(encoding)
}

const task = '{"events":[{"action":"changed","resource":{"gid":"1","resource_type":"task"}}]}'
const tenants = async (store: Store) =>
  (await store.read('listEvents', { filter: {}, order: 'oldest', limit: 9 })).map(({ tenant }) => tenant)

test('one hook’s secret that cannot be read: that hook’s deliveries are asked to come again, all others go on', async () => {
  const { store, post, key, hook } = await begin(asana)
  const [bad] = [await hook('acme', 'a'), await hook('globex', 'g')]
  damage(store, 'webhook', bad.seq)
  const send = (letter: string, secret: string) =>
    post(`/${key(letter)}`, ['X-Hook-Signature', hmac(secret, task)], task)
  expect(await send('a', 'of acme')).toBe(503)
  expect(await send('g', 'of globex')).toBe(200)
  expect(await send('g', 'forged')).toBe(401)
  expect(await tenants(store)).toEqual(['globex'])
  const [kept] = await store.read('listRejected', { filter: {}, order: 'oldest', limit: 9 })
  expect(kept).toMatchObject({
    reason: 'no-secret',
    status: 503,
    detail: 'the stored webhook secret of a hook of acme cannot be read, and it may be the one: whs doctor',
  })
  expect(await store.read('unreadableSecrets')).toEqual([
    {
      what: `the webhook secret of the hook ${bad.id} of acme`,
      next: `whs activations remove ${bad.id}   (then whs activations add asana --tenant acme)`,
    },
  ])
})

test('a weaker proof is not taken in place of a secret that cannot be read', async () => {
  const { store, post, key, hook } = await begin(mailchimp)
  const bad = await hook('acme', 'a', { kind: 'list', providerId: 'l1' })
  damage(store, 'webhook', bad.seq)
  const form = 'type=subscribe&data[list_id]=l1&data[email]=a@b.example&fired_at=2026-01-01 00:00:00'
  const type = ['content-type', 'application/x-www-form-urlencoded']
  expect(await post(`/${key('a')}`, type, form)).toBe(401)
  const at = Math.floor(Date.now() / 1000)
  const signature = ['x-mailchimp-signature', `t=${at},v1=${hmac('of acme', `${at}.${form}`)}`]
  expect(await post(`/${key('a')}`, [...type, ...signature], form)).toBe(503)
  expect(await tenants(store)).toEqual([])
})

test('an app’s own: what it alone proves waits, and is taken in when it is set again', async () => {
  const { store, app, receiving, post } = await begin(quickbooks, { webhook: 'right', client: 'c' })
  damage(store, 'webhook', null)
  const body = '[{"specversion":"1.0","id":"a","type":"qbo.invoice.created.v1","intuitaccountid":"1"}]'
  expect(await post('', ['intuit-signature', hmac('right', body, 'base64')], body)).toBe(503)
  await expect(store.read('readSecrets', { appId: app.id, name: 'webhook' })).rejects.toMatchObject({
    code: 'unreadable-secret',
    exit: 2,
    message: 'the webhook secret of quickbooks cannot be read',
    next: 'whs app set quickbooks --secret webhook=-',
  })
  expect(await store.read('readSecrets', { appId: app.id, name: 'client' })).toHaveLength(1)
  await store.write('setApp', { app: 'quickbooks', secrets: { webhook: 'right' }, keepOldMs: 86_400_000 })
  expect(await store.read('unreadableSecrets')).toEqual([])
  expect(await recheckRejected(store, await receiving())).toEqual({ taken: 1, left: 0 })
})

test('tokens that cannot be read keep nobody from ending the connection, nor another from its own', async () => {
  const { store } = await begin(quickbooks)
  await finishConsent(store, [{ tenant: 'acme', accounts: ['realm:1'] }])
  await finishConsent(store, [{ tenant: 'globex', accounts: ['realm:2'] }])
  queryFile(store.home, "UPDATE token_sets SET refresh_sealed = x'00' WHERE id = 1")
  expect(await store.read('unreadableTokens')).toEqual([
    { what: 'the tokens of acme at quickbooks', next: 'whs connect quickbooks --tenant acme' },
  ])
  const [acme] = await store.read('openConnections', { tenant: 'acme', app: null })
  expect(acme).toMatchObject({ access: expect.stringContaining('access'), refresh: null, unreadable: true })
  expect(await store.read('openConnections', { tenant: 'globex', app: null })).toMatchObject([{ unreadable: false }])
  await store.write('disconnect', { ids: [acme?.id as string] })
  expect(await store.read('unreadableTokens')).toEqual([])
})

test('the listener’s token and our own secret: what needs them says so or makes another', async () => {
  const { store } = await begin(quickbooks)
  await listen(store, ['3000'])
  const own = await store.write('ownSecret')
  queryFile(store.home, "UPDATE listener SET token_sealed = x'00'")
  queryFile(store.home, "UPDATE meta SET value = 'AAAA' WHERE key = 'own_secret'")
  expect(await store.read('readListener')).toMatchObject({ rules: [{ text: '3000' }] })
  await expect(store.read('listenerToken')).rejects.toMatchObject({ code: 'unreadable-secret', exit: 2 })
  expect(await store.read('unreadableSecrets')).toMatchObject([{ what: 'the secret of our own signature' }])
  await listen(store, ['3000'])
  expect(await store.read('listenerToken')).toMatch(/^[\w-]{32}$/)
  const another = await store.write('ownSecret')
  expect(another).not.toBe(own)
  expect(await store.write('ownSecret')).toBe(another)
  expect(await store.read('unreadableSecrets')).toEqual([])
})
