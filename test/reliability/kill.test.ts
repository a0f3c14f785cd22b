import { expect, test } from 'vitest'
import { type Dice, rollDice } from '../helpers/dice.ts'
import { jsonLines, prepareHome, startListening } from '../helpers/listening.ts'
import { deliveryOf, inParallel, openLoad } from '../helpers/load.ts'
import { type OrderBook, openOrderBook } from '../helpers/order-book.ts'
import { runWhs, startWhs } from '../helpers/program.ts'
import { sized } from '../helpers/sized.ts'
import { faultsIn, storedEvents } from '../helpers/soundness.ts'

const tenants = { acme: '1', globex: '2', initech: '3' }
/** Stores, and how often the listener of each is killed. */
const stores = Array.from({ length: sized(1, 10) }, (_, index) => index + 1)
const rounds = sized(4, 20)
const senders = 6

/** What the senders know: a delivery that got no answer is sent again after the restart, as providers do. */
interface Ledger {
  sent: number
  acknowledged: Set<string>
  unanswered: string[]
  otherAnswers: number[]
}

test.each(stores)(
  'kill -9 at random moments under load: all that was acknowledged is there, whole, once, and reaches the handler in order (store %i)',
  async () => {
    const dice = rollDice()
    const home = await prepareHome({ tenants })
    const book = await openOrderBook((_, response) => void setImmediate(() => response.end()))
    const args = ['--forward', String(book.port)]
    const ledger: Ledger = { sent: 0, acknowledged: new Set(), unanswered: [], otherAnswers: [] }
    for (let round = 0; round < rounds; round++) {
      if (round % 4 === 3) await killWhileItStarts(home, args, dice)
      else await killUnderLoad(home, args, ledger, dice)
      const stored = new Set(storedEvents(home).map(({ providerId }) => providerId))
      expect([...ledger.acknowledged].filter(id => !stored.has(id))).toEqual([])
      expect(faultsIn(home)).toEqual([])
    }
    expect(ledger.otherAnswers).toEqual([])
    expect(ledger.acknowledged.size).toBeGreaterThan(rounds)

    const last = await startListening(args, { home })
    const stored = storedEvents(home)
    await expect.poll(() => book.has(stored.map(({ providerId }) => providerId)), { timeout: 60_000 }).toBe(true)
    last.kill('SIGINT')
    expect(await last.ended).toMatchObject({ code: 130 })
    const { stdout } = await runWhs(['status'], { home })
    expect(jsonLines(stdout)).toMatchObject([{ listener: null, open: 0 }])
    for (const tenant of Object.keys(tenants)) {
      const inStore = stored.filter(one => one.tenant === tenant).map(({ providerId }) => providerId)
      expect(book.firstTimes(tenant)).toEqual(inStore)
    }
    expect(idsAtTheHandler(book)).toEqual(new Set(stored.map(one => `${one.deliveryId} ${one.id} ${one.tenant}`)))
    expect(book.most().ofOneTenant).toBe(1)
  },
)

async function killUnderLoad(home: string, args: string[], ledger: Ledger, dice: Dice): Promise<void> {
  const program = await startListening(args, { home })
  const { send } = openLoad(program.url, senders)
  const killAfterMs = dice.below(250)
  let kill: NodeJS.Timeout | undefined
  await inParallel(senders, async () => {
    const body = ledger.unanswered.pop() ?? newDelivery(ledger, dice)
    const status = await send(body)
    if (status === 0) {
      ledger.unanswered.push(body)
      return false
    }
    if (status !== 200) ledger.otherAnswers.push(status)
    else for (const { id } of JSON.parse(body) as { id: string }[]) ledger.acknowledged.add(id)
    kill ??= setTimeout(() => program.kill('SIGKILL'), killAfterMs)
    return true
  })
  expect(await program.ended).toMatchObject({ signal: 'SIGKILL' })
}

async function killWhileItStarts(home: string, args: string[], dice: Dice): Promise<void> {
  const program = startWhs(['listen', '--tunnel', 'none', '--port', '0', ...args], { home })
  const timer = setTimeout(() => program.kill('SIGKILL'), 100 + dice.below(500))
  expect(await program.ended).toMatchObject({ signal: 'SIGKILL' })
  clearTimeout(timer)
}

/** One to three events, each of a tenant by chance. */
function newDelivery(ledger: Ledger, dice: Dice): string {
  const events = Array.from({ length: 1 + dice.below(3) }, () => {
    ledger.sent++
    return { account: dice.pick(Object.values(tenants)), id: `n${ledger.sent}` }
  })
  return deliveryOf(events)
}

function idsAtTheHandler({ arrivals }: OrderBook): Set<string> {
  return new Set(arrivals.flatMap(one => one.eventIds.map(id => `${one.deliveryId} ${id} ${one.tenant}`)))
}
