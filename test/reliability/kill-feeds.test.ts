import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { airtable } from '../../src/providers/airtable.ts'
import { gmail } from '../../src/providers/gmail.ts'
import { stripe } from '../../src/providers/stripe.ts'
import { type Dice, rollDice } from '../helpers/dice.ts'
import { type FeedWorld, openFeedWorld, type ShownEvent } from '../helpers/feed-world.ts'
import { type Listening, startListening } from '../helpers/listening.ts'
import { runWhs, startWhs } from '../helpers/program.ts'
import { type Handler, startHandler } from '../helpers/simulated.ts'
import { sized } from '../helpers/sized.ts'
import { queryFile } from '../helpers/temp-home.ts'

const tenants = ['acme', 'globex']
const rounds = sized(6, 40)

/** Two tenants, and the port of the listener at which their hooks point. */
async function worldOf(definition: ProviderDefinition): Promise<{ world: FeedWorld; port: number }> {
  const world = await openFeedWorld(definition)
  const first = await world.listen()
  for (const [index, tenant] of tenants.entries()) {
    await world.tenant(tenant, world.companies[index] as FeedWorld['companies'][number])
  }
  await world.whs(`activate ${definition.id}`)
  const isBegun = definition.feeds?.some(({ cursor }) => 'at' in cursor && 'call' in cursor.start)
  const cursors = (): number => queryFile(world.home, 'SELECT 1 FROM feed_cursors').length
  // What was before the first cursor is not told.
  if (isBegun) await expect.poll(cursors).toBe(tenants.length)
  await first.stop()
  return { world, port: Number(new URL(first.session.ready.url).port) }
}

/** Makes changes of tenants by chance, and says whose. */
async function change({ companies, changes }: FeedWorld, dice: Dice, event: string, times: number): Promise<string[]> {
  const whose: string[] = []
  for (let time = 0; time < times; time++) {
    const index = dice.below(tenants.length)
    whose.push(tenants[index] as string)
    await changes(companies[index] as FeedWorld['companies'][number], [event])
  }
  return whose
}

const openPings = ({ home }: FeedWorld): number => queryFile(home, 'SELECT 1 FROM pings').length

async function read(world: FeedWorld, tenant: string): Promise<ShownEvent[]> {
  return (await world.events()).filter(one => one.source !== 'delivery' && one.tenant === tenant)
}

/** The events of our own in the order in which each came to the handler first. */
function firstTimes({ arrived }: Handler, tenant: string): string[] {
  const own = arrived.filter(({ headers }) => headers['whs-source'] === 'follow-up' && headers['whs-tenant'] === tenant)
  const ids = own.flatMap(({ body }) => {
    const said = JSON.parse(body.toString()) as { id: string } | { id: string }[]
    return [said].flat().map(({ id }) => id)
  })
  return [...new Set(ids)]
}

/** Whether it was still at work. */
async function kill({ kill, ended }: Pick<Listening, 'kill' | 'ended'>, afterMs: number): Promise<boolean> {
  await pause(afterMs)
  kill('SIGKILL')
  const { code, signal } = await ended
  expect(signal === 'SIGKILL' || code === 0).toBe(true)
  return code === null
}

/** Feeds by an id of each item and by nothing but the cursor. The simulator numbers the changes of its history. */
const followed: [id: string, definition: ProviderDefinition, numberOf: (event: ShownEvent) => number][] = [
  ['gmail', gmail, ({ providerEventId }) => Number(providerEventId?.split(' ')[0])],
  ['airtable', airtable, ({ data }) => (data as { baseTransactionNumber: number }).baseTransactionNumber],
]

test.each(followed)(
  '%s: kill -9 at random moments while it reads what pings leave out: each change is there once, in order, and reaches the handler so',
  async (_, definition, numberOf) => {
    const dice = rollDice()
    const { world, port } = await worldOf(definition)
    const handler = await startHandler()
    onTestFinished(() => handler.close())
    const args = ['--port', String(port), '--forward', handler.url]
    const event = (await world.kinds())[0] as string
    await world.knobs({ page: 1 })
    const made: string[] = []
    for (let round = 0; round < rounds; round++) {
      if (dice.below(3) === 0) made.push(...(await change(world, dice, event, 2)))
      const program = await startListening(args, { home: world.home })
      made.push(...(await change(world, dice, event, 4)))
      expect(await kill(program, dice.below(300))).toBe(true)
    }
    const last = await startListening(args, { home: world.home })
    for (const { name } of world.companies.slice(0, tenants.length)) {
      await world.changes({ name } as FeedWorld['companies'][number], [event])
    }
    made.push(...tenants)
    const wanted = (tenant: string): number => made.filter(one => one === tenant).length
    for (const tenant of tenants) {
      await expect
        .poll(() => firstTimes(handler, tenant).length, { timeout: 60_000 })
        .toBeGreaterThanOrEqual(wanted(tenant))
    }
    await expect.poll(() => openPings(world)).toBe(0)
    last.kill('SIGINT')
    expect(await last.ended).toMatchObject({ code: 130 })
    for (const tenant of tenants) {
      const stored = await read(world, tenant)
      const numbers = stored.map(numberOf)
      expect(numbers).toEqual([...new Set(numbers)].toSorted((left, right) => left - right))
      expect(numbers).toHaveLength(wanted(tenant))
      expect(firstTimes(handler, tenant)).toEqual(stored.map(({ id }) => id))
    }
  },
)

test('kill -9 at random moments while it catches up: the next run goes on, and all is there once, in order', async () => {
  const dice = rollDice()
  const { world } = await worldOf(stripe)
  const event = 'invoice.paid'
  await world.knobs({ page: 1, silent: true })
  let killed = 0
  const made: string[] = []
  for (let round = 0; round < rounds; round++) {
    made.push(...(await change(world, dice, event, 3)))
    if (await kill(startWhs(['catchup', '--output', 'json'], { home: world.home }), 100 + dice.below(250))) killed++
  }
  expect(killed).toBeGreaterThan(0)
  made.push(...(await change(world, dice, event, 1)))
  const { code, stdout } = await runWhs(['catchup', '--output', 'json'], { home: world.home })
  expect([code, stdout]).toEqual([0, expect.stringContaining('"failed":0')])
  for (const tenant of tenants) {
    const stored = await read(world, tenant)
    const times = stored.map(({ occurredAt }) => occurredAt ?? '')
    expect(new Set(stored.map(({ providerEventId }) => providerEventId)).size).toBe(stored.length)
    expect(stored).toHaveLength(made.filter(one => one === tenant).length)
    expect(times).toEqual(times.toSorted())
  }
})
