import { expect, test } from 'vitest'
import { checkLeaks } from '../helpers/leak-check.ts'
import { addApp, answer, claim, delivery, forwards, listen } from '../helpers/store-facts.ts'
import { queryFile, tempStore } from '../helpers/temp-home.ts'

checkLeaks()

async function begin() {
  const store = await tempStore()
  const app = await addApp(store)
  await listen(store, ['3000'])
  await claim(store, 'acme', '1')
  await claim(store, 'globex', '2')
  const take = async (...realms: string[]): Promise<number> =>
    (await store.write('ingestDelivery', delivery(app.id, ...realms.map(realm => ({ realm }))))).seq
  return { store, app, take }
}

test('an ignored account is counted, and no body and no line of it is kept', async () => {
  const { store, take } = await begin()
  await store.write('ignoreAccount', { app: 'quickbooks', value: '9' })
  expect(await take('9')).toBe(0)
  expect(await take('9', '9')).toBe(0)
  const mixed = await take('9', '1')
  expect((await store.read('eventsOfDelivery', { deliverySeq: mixed })).map(event => event.account)).toEqual(['1'])
  expect(await forwards(store, mixed)).toEqual(['3000 acme open 0'])
  expect(queryFile(store.home, 'SELECT value, times FROM ignored')).toEqual([{ value: '9', times: 4 }])
  expect(queryFile(store.home, 'SELECT count(*) AS count FROM deliveries')).toEqual([{ count: 1 }])
})

test('ignoring every unknown account leaves those that are somebody’s alone, and a claim ends it for its account', async () => {
  const { store, take } = await begin()
  await store.write('ignoreAccount', { app: 'quickbooks', value: '*' })
  await store.write('ignoreAccount', { app: 'quickbooks', value: '*' })
  expect(await take('8')).toBe(0)
  expect(await forwards(store, await take('1'))).toEqual(['3000 acme open 0'])
  await claim(store, 'initech', '8')
  expect(await forwards(store, await take('8'))).toEqual(['3000 initech open 0'])
  expect(queryFile(store.home, 'SELECT value, times FROM ignored')).toEqual([{ value: '*', times: 1 }])
})

test('a tenant is renamed with all it has, never onto another', async () => {
  const { store, take } = await begin()
  const seq = await take('1')
  await store.write('renameTenant', { name: 'acme', to: 'acme-holdings' })
  expect((await store.read('eventsOfDelivery', { deliverySeq: seq }))[0]?.tenant).toBe('acme-holdings')
  expect(await forwards(store, await take('1'))).toEqual(['3000 acme-holdings open 0'])
  expect(await store.read('findTenant', { name: 'acme' })).toBeNull()
  await expect(store.write('renameTenant', { name: 'acme-holdings', to: 'globex' })).rejects.toMatchObject({
    code: 'tenant-exists',
    exit: 2,
  })
  await expect(store.write('renameTenant', { name: 'nobody', to: 'a' })).rejects.toMatchObject({
    code: 'no-tenant',
    exit: 5,
  })
  await store.write('renameTenant', { name: 'globex', to: 'globex' })
  expect(await store.read('ownersOf', { appId: 1, kind: 'realm', value: '2' })).toEqual(['globex'])
})

test('a tenant is forgotten whole: its accounts too, and others keep what is theirs', async () => {
  const { store, take } = await begin()
  const own = await take('1')
  const shared = await take('1', '2', '9')
  await answer(store, own, { answerBody: Buffer.from('answer to acme') })
  await answer(store, shared, { status: 500, state: 'open' })
  queryFile(store.home, "UPDATE accounts SET name = 'Acme Holdings' WHERE value = '1'")
  expect(await store.write('forgetTenant', { name: 'acme' })).toEqual({ events: 2, deliveries: 1, shared: 1 })

  expect(await store.read('findTenant', { name: 'acme' })).toBeNull()
  expect(await store.read('readDelivery', { seq: own })).toBeNull()
  const left = await store.read('eventsOfDelivery', { deliverySeq: shared })
  expect(left.map(event => [event.account, event.tenant])).toEqual([
    ['2', 'globex'],
    ['9', null],
  ])
  expect(await forwards(store, shared)).toEqual(['3000 globex open 0'])
  expect(await store.read('listAttempts', { filter: {}, after: 0, limit: 10 })).toEqual([])
  expect(queryFile(store.home, 'SELECT value FROM accounts ORDER BY value')).toEqual([{ value: '2' }, { value: '9' }])
  expect(queryFile(store.home, 'PRAGMA foreign_key_check')).toEqual([])

  const after = await take('1')
  expect((await store.read('eventsOfDelivery', { deliverySeq: after }))[0]).toMatchObject({
    tenant: null,
    scope: 'parked',
  })
  await expect(store.write('forgetTenant', { name: 'acme' })).rejects.toMatchObject({ code: 'no-tenant', exit: 5 })
})

test('an account that a forgotten tenant shared, or that somebody’s parked events name, stays', async () => {
  const { store, take } = await begin()
  await claim(store, 'globex', '1')
  await store.write('unmapAccount', { app: 'quickbooks', kind: 'realm', value: '2', tenant: 'globex' })
  await take('2')
  await claim(store, 'acme', '2', false)
  await store.write('forgetTenant', { name: 'acme' })
  expect(await store.read('ownersOf', { appId: 1, kind: 'realm', value: '1' })).toEqual(['globex'])
  expect(await claim(store, 'globex', '2')).toMatchObject({ events: 1 })
})

test('unmapping says when there is nothing to unmap', async () => {
  const { store } = await begin()
  const mapping = { app: 'quickbooks', kind: 'realm', value: '1', tenant: 'globex' }
  await expect(store.write('unmapAccount', mapping)).rejects.toMatchObject({ code: 'no-mapping', exit: 5 })
  await expect(store.write('unmapAccount', { ...mapping, tenant: 'x' })).rejects.toMatchObject({ code: 'no-tenant' })
  await expect(store.write('unmapAccount', { ...mapping, app: 'x' })).rejects.toMatchObject({ code: 'no-app', exit: 3 })
})

test('of what was rejected the last 1,000 of an app stay', async () => {
  const { store, app } = await begin()
  const other = await addApp(store, 'qbo-live')
  const rejected = (appId: number, index: number) =>
    store.write('keepRejected', {
      appId,
      receivedAt: index,
      method: 'POST',
      path: '/hooks/quickbooks',
      suffix: '',
      headers: '[]',
      body: Buffer.from('{}'),
      bytes: 2,
      status: 401,
      reason: 'wrong-secret',
      detail: 'it',
      source: 'delivery' as const,
      activation: null,
    })
  await Promise.all([1, 2, 3].map(index => rejected(other.id, index)))
  await Promise.all(Array.from({ length: 1_005 }, (_, index) => rejected(app.id, index)))
  const kept = await store.read('listRejected', { filter: { app: ['quickbooks'] }, order: 'oldest', limit: 5_000 })
  expect(kept.map(row => row.receivedAt)).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 5))
  expect(await store.read('listRejected', { filter: { app: ['qbo-live'] }, order: 'oldest', limit: 10 })).toHaveLength(
    3,
  )
})

test('an app is removed with all that is its own, and nothing else', async () => {
  const { store, take } = await begin()
  const other = await addApp(store, 'qbo-live')
  await store.write('mapAccount', { app: 'qbo-live', kind: 'realm', value: '1', tenant: 'acme', release: true })
  const kept = await store.write('ingestDelivery', delivery(other.id, { realm: '1' }))
  await answer(store, kept.seq, {})
  await answer(store, await take('1', '9'), {})
  expect(await store.write('removeApp', { app: 'quickbooks' })).toEqual({ deliveries: 1 })
  expect((await store.read('listEvents', { filter: {}, order: 'oldest', limit: 9 })).map(event => event.app)).toEqual([
    'qbo-live',
  ])
  expect(await store.read('listAttempts', { filter: {}, after: 0, limit: 9 })).toHaveLength(1)
  expect(queryFile(store.home, 'SELECT count(*) AS count FROM secrets WHERE app_id <> ?', other.id)).toEqual([
    { count: 0 },
  ])
  expect(queryFile(store.home, 'PRAGMA foreign_key_check')).toEqual([])
})

test('an answer that comes after its tenant was forgotten, or its app removed, leaves nothing behind', async () => {
  const { store, take } = await begin()
  const late = async (deliverySeq: number) => {
    const [row] = await store.read('forwardsOfDelivery', { deliverySeq })
    const work = await store.read('readForward', { seq: row?.seq as number })
    const attempt = { deliverySeq, tenantId: work?.tenantId as number, target: row?.target as string, number: 1 }
    return () =>
      store.write('recordAttempt', {
        ...attempt,
        forwardSeq: row?.seq as number,
        eventSeqs: row?.eventSeqs as number[],
        at: 1,
        ms: 1,
        status: 500,
        error: null,
        hint: null,
        answerHeaders: '[]',
        answerBody: Buffer.from('what only this tenant may see'),
        state: 'failed',
        busy: 0,
        nextAt: null,
      })
  }
  const ofGlobex = await late(await take('2', '1'))
  await store.write('forgetTenant', { name: 'globex' })
  await claim(store, 'initech', '3')
  await ofGlobex()
  expect(await store.read('listAttempts', { filter: {}, after: 0, limit: 10 })).toEqual([])
  const ofAcme = await late(await take('1'))
  await store.write('removeApp', { app: 'quickbooks' })
  await ofAcme()
  expect(queryFile(store.home, 'SELECT count(*) AS count FROM attempts')).toEqual([{ count: 0 }])
})
