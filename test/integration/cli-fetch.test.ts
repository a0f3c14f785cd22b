import { expect, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { openRecordWorld, type RecordWorld } from '../helpers/record-world.ts'
import { queryFile } from '../helpers/temp-home.ts'
import type { Ran } from '../helpers/test-io.ts'

checkLeaks()

const invoice = { resourceId: '130' }

/** A world in which events came, and nothing was fetched. */
async function withEvents(
  change: (world: RecordWorld) => Promise<void>,
  definition?: ProviderDefinition,
): Promise<RecordWorld> {
  const world = await openRecordWorld(definition)
  const listener = await world.listen({ fetch: false })
  await change(world)
  await listener.stop()
  return world
}

function errorOf({ err }: Ran): Record<string, unknown> {
  return JSON.parse(err.trim().split('\n').at(-1) as string) as Record<string, unknown>
}

test('events show --fetch gets the thing as it is now, says when, and keeps it', async () => {
  const world = await withEvents(one => one.changed(0, 'invoice.updated', invoice))
  const before = await world.whs('events show last --output json')
  expect(before.records[0]?.record).toBeUndefined()
  const { code, records } = await world.whs('events show last --fetch --output json')
  expect(code).toBe(0)
  const shown = {
    status: 200,
    deleted: false,
    call: 'GET /v3/company/{account}/{resource}/{resourceId}',
    data: { Id: '130' },
  }
  expect(records[0]).toMatchObject({ type: 'event', record: { ...shown, at: expect.stringMatching(/^20/) } })
  const after = await world.whs('events show last --output json')
  expect(after.records[0]?.record).toEqual(records[0]?.record)
  expect(world.calls.seen).toHaveLength(1)
  // Asked for again it is asked anew.
  const again = await world.whs('events show last --fetch --output text')
  expect(again.out).toMatch(/record +fetched at \d\d:\d\d:\d\d in /)
  expect(world.calls.seen).toHaveLength(2)
  expect([world.count('records'), world.count('event_records')]).toEqual([1, 1])
})

test('--fetch --raw writes the exact bytes of the answer; a delivery of one event may be named', async () => {
  const world = await withEvents(one => one.changed(0, 'invoice.updated', invoice))
  const answer = '{"Invoice": {"Id":"130", "Balance":1.0e3},\n "time":"x"}'
  world.calls.answer = () => ({ status: 200, body: answer })
  expect((await world.whs('events show last --fetch --raw')).out).toBe(answer)
  const { records } = await world.whs('events --output json')
  expect((await world.whs(`events show ${String(records[0]?.deliveryId)} --fetch --raw`)).out).toBe(answer)
})

test('what cannot be fetched says why, and what to type', async () => {
  const world = await withEvents(async one => {
    await one.changed(0, ['invoice.updated', 'customer.updated'])
    await one.change('quickbooks', { event: 'invoice.updated', unknownAccount: true })
  })
  const parked = await world.whs('events show last --fetch')
  expect(parked.code).toBe(3)
  expect(errorOf(parked)).toMatchObject({
    code: 'record-parked',
    next: expect.stringMatching(/^whs tenants map <tenant> --app quickbooks --account \d+$/),
  })
  const { records: all } = await world.whs('events --output json')
  const records = all.filter(({ source }) => source === 'delivery')
  const both = String(records.at(-1)?.deliveryId)
  expect(errorOf(await world.whs(`events show ${both} --fetch`))).toMatchObject({ code: 'no-event', exit: 2 })
  const one = String(records.at(-1)?.id)
  const unset = (column: string): void => void queryFile(world.home, `UPDATE events SET ${column} = NULL`)
  queryFile(world.home, "UPDATE events SET resource_type = 'Preferences'")
  const strange = await world.whs(`events show ${one} --fetch`)
  expect([strange.code, errorOf(strange).code]).toEqual([2, 'no-record'])
  expect(errorOf(strange).why).toMatch(/no call that reads a Preferences; there are account, bill/)
  unset('resource_type')
  expect(errorOf(await world.whs(`events show ${one} --fetch`))).toMatchObject({ code: 'no-resource', exit: 2 })
  queryFile(world.home, "UPDATE deliveries SET verified = 'none'")
  expect(errorOf(await world.whs(`events show ${one} --fetch`))).toMatchObject({ code: 'record-unverified', exit: 2 })
  expect(world.calls.seen).toEqual([])
})

test('a provider whose things no call reads is named', async () => {
  const { record: _, ...without } = quickbooks
  const world = await withEvents(one => one.changed(0, 'invoice.updated', invoice))
  const { definition_hash: hash } = queryFile<{ definition_hash: string | null }>(
    world.home,
    'SELECT definition_hash FROM apps',
  )[0] ?? { definition_hash: null }
  expect(hash).toBe(null)
  const custom = { ...without, id: 'bare-books', name: 'Bare Books' }
  queryFile(world.home, "INSERT INTO custom_providers VALUES ('bare-books', ?, 'h', 0)", JSON.stringify(custom))
  queryFile(world.home, "UPDATE apps SET provider = 'bare-books'")
  const refused = await world.whs('events show last --fetch')
  expect([refused.code, errorOf(refused).code]).toEqual([2, 'no-record'])
  const listener = await world.listen()
  await expect
    .poll(() => listener.facts.filter(({ kind }) => kind === 'warning'))
    .toMatchObject([{ code: 'no-record', detail: expect.stringContaining('quickbooks') }])
  await listener.stop()
})

test('a broken token is exit 4 with what mends it, a provider that is down exit 10; what was kept is shown', async () => {
  const world = await withEvents(one => one.changed(0, 'invoice.updated', invoice))
  expect((await world.whs('events show last --fetch')).code).toBe(0)
  world.calls.answer = () => ({ status: 500, body: 'oops' })
  const down = await world.whs('events show last --fetch --output json')
  expect([down.code, errorOf(down).code]).toEqual([10, 'record-busy'])
  expect(down.records[0]).toMatchObject({ record: { status: 200, deleted: false } })
  queryFile(world.home, "UPDATE connections SET state = 'broken', why = 'the person left'")
  const broken = await world.whs('events show last --fetch --output json')
  expect(broken.code).toBe(4)
  expect(errorOf(broken)).toMatchObject({ code: 'connection-broken', next: 'whs connect quickbooks --tenant acme' })
  expect(broken.records[0]).toMatchObject({ record: { status: 200 } })
})

test('an account that was mapped by hand has no token: another consent’s is never used for it', async () => {
  const world = await withEvents(one => one.changed(0, 'invoice.updated', invoice))
  queryFile(world.home, "UPDATE mappings SET source = 'map', connection_seq = NULL WHERE tenant_id = 1")
  const refused = await world.whs('events show last --fetch')
  expect([refused.code, errorOf(refused).code]).toEqual([5, 'record-connection'])
  expect(world.calls.seen).toEqual([])
})
