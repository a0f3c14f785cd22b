import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { providers } from '../../src/providers/index.ts'
import type { EventKind } from '../../src/simulate/catalogue.ts'
import type { AccountFixture } from '../../src/simulate/fixtures.ts'
import { fixtureDir, readJson, testedProviders } from '../helpers/fixtures.ts'
import { checkLeaks } from '../helpers/leak-check.ts'
import { startHandler, startSimulated } from '../helpers/simulated.ts'
import { consentAt, readAt } from '../helpers/simulated-any.ts'

checkLeaks()

const long = 'x'.repeat(70_000)
const texts = ['', ' ', '__proto__', 'constructor', '../../package', '{account}', '"\\\n\u0000', '𝕏é', '-1', long]

const odd = [
  { event: 7 },
  { event: [] },
  { count: 0 },
  { count: 1.5 },
  { resourceId: 7 },
  { shape: {} },
  { forge: 'perhaps' },
  { clientId: 'nobody' },
  { clientId: null },
  { colour: 'red' },
]

test.each(testedProviders)('$id: odd wishes are refused with a reason, or sent; none is a fault', async definition => {
  const simulated = await startSimulated({ definition })
  const handler = await startHandler()
  const { settings } = await simulated.app({ callbackUrl: handler.url })
  const [first] = readJson<{ name: string }[]>(`${fixtureDir(definition.id)}accounts.json`)
  const account = first?.name ?? ''
  await simulated.json('POST', '/portal/hooks', { account, url: handler.url })
  const events = await simulated.events()
  const { event } = events.find(({ isApp }) => !isApp) as EventKind
  const ask = async (wish: object): Promise<string | undefined> => {
    const { status, body } = await simulated.json('POST', '/control/change', wish)
    const { error } = body as { error?: string }
    expect({ wish, status }).toEqual({ wish, status: error === undefined ? 200 : 400 })
    return error
  }
  for (const text of texts) {
    expect(await ask({ account, event: text })).toMatch(/cannot do this: ./)
    expect(await ask({ account: text, event })).toMatch(/cannot do this: ./)
    if (text.trim()) expect(await ask({ account, event, shape: text })).toMatch(/cannot do this: ./)
  }
  for (const [index, { event: one }] of events.entries()) {
    await ask({ account, event: one, resourceId: texts[index % texts.length] })
  }
  for (const one of odd) expect(await ask({ account, event, ...one })).toMatch(/cannot do this: ./)

  for (const [name, { pattern, optional }] of Object.entries(definition.settings ?? {})) {
    if (!optional) expect(settings[name]).toMatch(new RegExp(`^(?:${pattern})$`))
  }
  await simulated.close()
  await handler.close()
})

test('an event of a company and the platform’s own of the same name are two', async () => {
  const definition = providers.find(({ webhook }) => webhook.shapes.filter(({ scope }) => scope === 'app').length > 1)
  expect(definition).toBeDefined()
  const handler = await startHandler()
  const simulated = await startSimulated({ ...(definition ? { definition } : {}), randomBytes })
  await simulated.app({ callbackUrl: handler.url })
  const events = await simulated.events()
  const own = events.find(({ event, isApp }) => isApp && events.some(one => one.event === event && !one.isApp))
  expect(own).toBeDefined()
  const [ofNobody] = await simulated.change({ event: own?.event })
  const [ofCompany] = await simulated.change({ event: own?.event, account: 'Acme Holdings' })
  expect(ofNobody).toMatchObject({ shape: own?.shapes[0], events: [{ company: definition?.company, account: '' }] })
  expect(ofCompany?.shape).not.toBe(ofNobody?.shape)
  expect(ofCompany?.events).toMatchObject([{ company: 'Acme Holdings' }])
  await simulated.close()
  await handler.close()
})

test('a callback tells what the token reply will say, and nothing made up', async () => {
  const told = providers.filter(({ oauth }) => JSON.stringify(oauth.tokenParameters ?? {}).includes('{callback.'))
  expect(told).not.toEqual([])
  for (const definition of told) {
    const simulated = await startSimulated({ definition })
    const companies = readJson<AccountFixture[]>(`${fixtureDir(definition.id)}accounts.json`)
    const { callback, token } = await consentAt(definition, await simulated.app(), companies.slice(1, 2))
    for (const name of Object.keys(definition.oauth.tokenParameters ?? {})) {
      if (callback.has(name)) expect(readAt(token ?? Buffer.alloc(0), `$.${name}`)).toBe(callback.get(name))
    }
    expect(callback.toString()).not.toContain('simulated')
    await simulated.close()
  }
})
