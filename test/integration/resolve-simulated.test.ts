import { expect, test } from 'vitest'
import { providers } from '../../src/providers/index.ts'
import { openFeedWorld } from '../helpers/feed-world.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import type { Company } from '../helpers/cli-world.ts'
checkLeaks()
const asking = providers.filter(({ resolve }) => resolve)
test.each(asking.map(one => [one.id, one] as const))('%s', async (_, definition) => {
  const world = await openFeedWorld(definition)
  const listener = await world.listen()
  for (const [index, name] of ['acme', 'globex'].entries()) await world.tenant(name, world.companies[index] as Company)
  const { id, activation } = definition
  console.log(id, activation.per, (await world.whs(`activate ${id} --all-resources`)).err, (await world.whs('activations --output json')).out)
  const [acme] = world.companies as [Company]
  for (const { kind } of definition.accounts) {
    const old = acme.values[kind] as string
    await world.control({ rename: { company: acme.name, kind, value: kind === 'site' ? 'new.atlassian.net' : `${old}9` } })
    const kinds = await world.kinds()
    try { await world.changes(acme, [kinds[0] as string]) } catch (e) { console.log(id, kind, String(e)) }
    await new Promise(r => setTimeout(r, 700))
    console.log(id, kind, JSON.stringify((await world.events()).map(({tenant, account, event, ...r}) => [tenant, account, event, (r as any).reason])), JSON.stringify(listener.facts.filter(f => f.kind === 'resolution')))
    await world.control({ rename: { company: acme.name, kind, value: old } })
  }
  await listener.stop()
  expect(1).toBe(1)
})
