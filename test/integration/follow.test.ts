import { expect, test } from 'vitest'
import type { Filter } from '../../src/core/filter.ts'
import { followStore } from '../../src/deliver/follow.ts'
import type { Cursors } from '../../src/store/event-ops.ts'
import type { Store } from '../../src/store/store.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { addApp, answer, claim, delivery, listen } from '../helpers/store-facts.ts'
import { tempStore } from '../helpers/temp-home.ts'

checkLeaks()

const nothing: Cursors = { event: 0, attempt: 0, rejected: 0 }

/** What a follower tells of all that is stored, as `kind tenant`. */
async function told(store: Store, filter: Filter, more: { from?: Cursors; rejectedOnly?: boolean } = {}) {
  const lines: string[] = []
  const follower = followStore({
    store,
    filter,
    from: nothing,
    ...more,
    onStored(stored) {
      if (stored.kind === 'event') lines.push(`event ${stored.event.tenant} ${stored.event.account}`)
      if (stored.kind === 'attempt') lines.push(`attempt ${stored.attempt.tenant}`)
      if (stored.kind === 'rejected') lines.push(`rejected ${stored.rejected.app}`)
    },
    onError(error) {
      throw error
    },
  })
  await follower.stop()
  return lines
}

async function begin() {
  const store = await tempStore()
  const app = await addApp(store)
  await listen(store, ['3000'])
  await claim(store, 'acme', '1')
  await claim(store, 'globex', '2')
  const take = async (receivedAt: number, ...realms: string[]): Promise<number> => {
    const input = { ...delivery(app.id, ...realms.map(realm => ({ realm }))), receivedAt }
    return (await store.write('ingestDelivery', input)).seq
  }
  const reject = (receivedAt: number) => {
    const request = { ...delivery(app.id, { realm: '1' }), receivedAt, bytes: 2, status: 401 }
    return store.write('keepRejected', { ...request, body: Buffer.from('{}'), reason: 'wrong-secret', detail: '' })
  }
  return { store, take, reject }
}

test('a filter narrows the answers of handlers as it narrows the events', async () => {
  const { store, take } = await begin()
  await answer(store, await take(1, '2'), {})
  await answer(store, await take(2, '1'), {})
  expect(await told(store, { tenant: ['acme'] })).toEqual(['event acme 1', 'attempt acme'])
  expect(await told(store, { account: ['2'] })).toEqual(['event globex 2', 'attempt globex'])
  expect(await told(store, { parked: true })).toEqual([])
  expect(await told(store, {})).toHaveLength(4)
})

test('rejected requests alone, and by what is known of them', async () => {
  const { store, take, reject } = await begin()
  await take(1, '1')
  await reject(2)
  expect(await told(store, {}, { rejectedOnly: true })).toEqual(['rejected quickbooks'])
  expect(await told(store, { provider: ['another'] }, { rejectedOnly: true })).toEqual([])
  expect(await told(store, { env: ['production'] })).toEqual([])
  expect(await told(store, { app: ['quick*'], env: ['sandbox'] })).toEqual(['event acme 1', 'rejected quickbooks'])
})

test('since a time: also where something older was stored later', async () => {
  const { store, take } = await begin()
  await take(100, '1')
  await take(300, '1')
  await take(50, '2')
  await take(400, '1')
  const from = await store.read('cursorsAt', { at: 200 })
  expect(await told(store, {}, { from })).toEqual(['event acme 1', 'event globex 2', 'event acme 1'])
  expect(await told(store, {}, { from: await store.read('cursorsAt', { at: 500 }) })).toEqual([])
})

test('the items of one delivery come each with its own bytes', async () => {
  const { store, take } = await begin()
  await take(1, '1', '2', '1')
  const items: string[] = []
  const follower = followStore({
    store,
    filter: {},
    from: nothing,
    onStored(stored) {
      if (stored.kind === 'event')
        items.push((JSON.parse(`${stored.item}`) as Record<string, string>).intuitaccountid ?? '')
    },
    onError(error) {
      throw error
    },
  })
  await follower.stop()
  expect(items).toEqual(['1', '2', '1'])
})
