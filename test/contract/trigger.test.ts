import { createHash } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { hashOfKey } from '../../src/core/activation-key.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { systemClock } from '../../src/deliver/clock.ts'
import { type TriggerDeps, type Triggered, type TriggerWish, trigger } from '../../src/deliver/trigger.ts'
import { makeHttpCall } from '../../src/net/call.ts'
import { openDoor } from '../../src/net/door.ts'
import { makeReceiver } from '../../src/receive/receiver.ts'
import { readFixtures } from '../../src/simulate/fixtures.ts'
import type { Store } from '../../src/store/store.ts'
import { activationSecretName, fixtureDir, testedProviders } from '../helpers/fixtures.ts'
import { receiverDeps, receivingApp } from '../helpers/receiving.ts'
import { tempStore } from '../helpers/temp-home.ts'

const wish: TriggerWish = {
  tenants: ['acme'],
  set: [],
  count: 1,
  wrongSignature: false,
  stale: false,
  repeat: false,
  waitMs: 0,
}

let closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.reverse()) await close()
  closing = []
})

describe.each(testedProviders.map(definition => [definition.id, definition] as const))('%s', (id, definition) => {
  test('a sample of every event lands on the tenant that it is for', async () => {
    const deps = await openWorld(await tempStore(), definition)
    for (const shape of definition.webhook.shapes) {
      const events = deps.samples.events.get(shape.name) ?? []
      for (const event of process.env.WHS_LONG ? events : events.slice(0, 1)) {
        const samples = { ...deps.samples, events: new Map([[shape.name, [event]]]) }
        const told = await one({ ...deps, samples }, { event, tenants: shape.scope === 'app' ? [] : ['acme'] })
        const wanted = shape.scope === 'app' ? { scope: 'app', tenant: null } : { scope: 'tenant', tenant: 'acme' }
        expect([shape.name, event, told.rejected, told.status]).toEqual([
          shape.name,
          event,
          null,
          definition.webhook.reply.ok,
        ])
        expect(told.events).toMatchObject([
          { ...wanted, event, source: 'trigger', verified: expect.stringMatching(/^(signature|token)$/) },
        ])
      }
    }
  })

  test('a wrong signature and an old one are refused by name', async () => {
    const deps = await openWorld(await tempStore(), definition)
    const wrong = await one(deps, { wrongSignature: true })
    expect(wrong.events).toEqual([])
    expect(wrong.rejected?.reason).toMatch(/^(wrong-secret|wrong-token|unknown-key|no-secret|missing-header)$/)
    const [scheme] = definition.webhook.verify
    const isTimed = scheme && ('time' in scheme || scheme.scheme === 'jwt')
    if (isTimed) expect(await one(deps, { stale: true })).toMatchObject({ events: [], rejected: { reason: 'too-old' } })
  })

  test('one delivery for two tenants, where the provider can do that', async () => {
    const deps = await openWorld(await tempStore(), definition)
    const mixes = definition.webhook.split.some(path => path.includes('[*]'))
    const mixed = await one(deps, { tenants: ['acme', 'globex'] }).catch((error: Error) => error)
    if (mixed instanceof Error) {
      expect(mixed).toMatchObject({ code: 'cannot-mix', exit: 2 })
      if (mixes) expect(['tenant', 'resource']).toContain(definition.activation.per)
      return
    }
    expect(mixed.rejected).toBeNull()
    const owners = mixed.events.map(({ tenant }) => String(tenant)).sort()
    const secretsOfHooks = definition.webhook.verify.some(
      one => 'key' in one && 'of' in one.key && one.key.of === 'activation',
    )
    if (!secretsOfHooks) expect(owners).toEqual(['acme', 'globex'])
  })

  test('in the provider’s own spelling, each twice, with a value set', async () => {
    const deps = await openWorld(await tempStore(), definition)
    const [usual] = (await one(deps, {})).events
    const event = usual?.providerEvent ?? usual?.event ?? ''
    const twice = { event, repeat: true, set: [{ path: 'whsNote', value: 'hello there' }] }
    const told = await all(deps, twice).catch((error: Error) => error)
    if (told instanceof Error) {
      expect(told).toMatchObject({ code: 'bad-set', exit: 2 })
      return
    }
    expect(told.map(({ status }) => status)).toEqual(Array(2).fill(definition.webhook.reply.ok))
    const [first, second] = told.flatMap(({ events }) => events)
    expect([first?.providerEvent, second?.event]).toEqual([usual?.providerEvent, first?.event])
    expect(second?.repeatOf ?? null).toBe(first?.providerEventId == null ? null : first.id)
    const body = await deps.store.read('readBody', { seq: Number(first?.deliverySeq) })
    expect(String(body)).toMatch(/hello[ +]there|hello%20there/)
  })

  async function all(deps: TriggerDeps, changes: Partial<TriggerWish>): Promise<Triggered[]> {
    const told: Triggered[] = []
    for await (const each of trigger(deps, { ...wish, ...changes })) told.push(each)
    return told
  }

  async function one(deps: TriggerDeps, changes: Partial<TriggerWish>): Promise<Triggered> {
    for await (const told of trigger(deps, { ...wish, ...changes })) return told
    throw new Error(`nothing was triggered at ${id}`)
  }
})

/** A listener with an app of the provider, and tenants with the accounts and hooks of its fixtures. */
async function openWorld(store: Store, definition: ProviderDefinition): Promise<TriggerDeps> {
  const secrets = secretsOf(definition)
  const settings = Object.fromEntries(
    Object.entries(definition.settings ?? {}).map(([name, one]) => [name, one.default ?? 'setting']),
  )
  const common = { name: 'app', provider: definition.id, env: 'production' as const, clientId: 'client', hosts: {} }
  const app = await store.write('addApp', { ...common, settings, secrets })
  const samples = readFixtures(definition, fixtureDir(definition.id))
  for (const [index, tenant] of ['acme', 'globex'].entries()) {
    const { values } = samples.accounts[index] as { values: Record<string, string> }
    if (definition.activation.per !== 'app') await addHook(store, definition, tenant, values)
    for (const { kind, from } of definition.accounts) {
      const value = values[kind]
      if (value === undefined || from !== 'consent') continue
      await store.write('mapAccount', { app: 'app', kind, value, tenant, release: false })
    }
  }
  const lock = store.takeListenerLock()
  const slots = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`setting.${name}`, value]))
  const row = { pid: 1, startedAt: 1, port: 0, localPort: 2, publicUrl: 'https://hooks.example.com', tunnel: 'url' }
  const { token } = await store.write('startListener', { ...row, rules: [], filter: {} })
  const known = {
    slots: { clientId: 'client', ...slots },
    hosts: definition.hosts.production ?? definition.hosts.sandbox ?? {},
  }
  const raw = makeReceiver({
    ...receiverDeps(store),
    publicUrls: () => ['https://hooks.example.com'],
    loadApps: async () => new Map([['app', await receivingApp(store, app, definition, known)]]),
    listenerToken: token,
  })
  const door = await openDoor({ port: 0, routes: [], raw })
  closing.push(
    () => door.close(),
    () => lock?.release(),
  )
  await store.write('moveListener', { ...row, port: door.port })
  const keys = await store.read('readKeys', { appId: app.id })
  const activations = await store.read('listActivations', { app: 'app' })
  return { store, clock: systemClock, call: makeHttpCall({}), definition, app, samples, keys, activations, ...known }
}

async function addHook(store: Store, definition: ProviderDefinition, tenant: string, values: Record<string, string>) {
  const { keyed, kind, secret } = definition.activation
  const value = Buffer.from(`${tenant} hook`).toString('base64')
  await store.write('addActivation', {
    app: 'app',
    tenant,
    kind: kind ?? null,
    providerId: (kind && values[kind]) ?? null,
    keyHash: keyed ? hashOfKey(createHash('sha256').update(tenant).digest('base64url')) : null,
    state: 'active',
    secret: secret ? { name: activationSecretName(definition), value } : null,
    release: false,
  })
}

/** Secrets of the app itself; those that only hooks have are left out. */
function secretsOf(definition: ProviderDefinition): Record<string, string> {
  const onlyHooks = new Set(
    definition.webhook.verify.flatMap(scheme =>
      'key' in scheme && 'of' in scheme.key && scheme.key.of === 'activation' ? [scheme.key.secret] : [],
    ),
  )
  const names = Object.keys(definition.secrets).filter(name => !onlyHooks.has(name))
  return Object.fromEntries(names.map(name => [name, Buffer.from(`the ${name} secret`).toString('base64')]))
}
