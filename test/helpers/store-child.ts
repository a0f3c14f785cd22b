import { openStore, type Store } from '../../src/store/store.ts'
import { addApp, claim, delivery } from './store-facts.ts'

/**
 * Another process on a store. `burst <home> <appId> <realm>`: writes through the thread for ever, one line with the ids
 * of each delivery that was acknowledged, many in flight. `map <home> <times>`: claims and lets go an account again and
 * again with short writes, ending with a claim. `open <home>`: says so, and only opens it.
 */
const [what, home, ...rest] = process.argv.slice(2) as [string, string, ...string[]]
const say = (line: string): void => void process.stdout.write(`${line}\n`)
if (what === 'open') say('opens')
const store = openStore({ home })
if (what === 'burst') await burst(store, Number(rest[0]), rest[1] as string)
if (what === 'map') await mapAndUnmap(store, Number(rest[0]))
if (what === 'open') await addApp(store, `app-${process.pid}`)
await store.close()
say('closed')

async function burst(store: Store, appId: number, realm: string): Promise<void> {
  await store.startWriter()
  let failed = 0
  for (let round = 0; failed === 0; round++) {
    const writes = Array.from({ length: 50 }, async (_, index) => {
      const id = `${round}-${index}`
      try {
        await store.write('ingestDelivery', delivery(appId, { realm, id }))
        say(id)
      } catch (error) {
        failed++
        say(`failed ${id} ${(error as { code?: string }).code}`)
      }
    })
    await Promise.all(writes)
  }
}

async function mapAndUnmap(store: Store, times: number): Promise<void> {
  for (let round = 0; round < times; round++) {
    await claim(store, 'acme', '1')
    await store.write('unmapAccount', { app: 'quickbooks', kind: 'realm', value: '1', tenant: 'acme' })
    say(`round ${round}`)
  }
  await claim(store, 'acme', '1')
}
