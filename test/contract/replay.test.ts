import { describe, expect, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { WhsError } from '../../src/core/errors.ts'
import { type Accepted, ingest } from '../../src/core/ingest.ts'
import type { Keyring, RawDelivery } from '../../src/core/keyring.ts'
import { composeSample } from '../../src/core/sample.ts'
import { fingerprint } from '../../src/core/sign.ts'
import { signDelivery } from '../../src/core/sign-delivery.ts'
import { buildForward } from '../../src/deliver/forward-request.ts'
import { asTenant, partAlone } from '../../src/deliver/replay-change.ts'
import { sampleKeys } from '../../src/deliver/trigger-keys.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { readFixtures } from '../../src/simulate/fixtures.ts'
import type { StoredActivation } from '../../src/store/activation-rows.ts'
import type { App } from '../../src/store/app-ops.ts'
import type { ForwardWork } from '../../src/store/forward-ops.ts'
import type { ClearKey } from '../../src/store/key-ops.ts'
import { ownSecret } from '../helpers/deliver-home.ts'
import { activationSecretName, fixtureDir, testedProviders } from '../helpers/fixtures.ts'

const now = Date.parse('2026-11-25T12:00:00Z')
const longAgo = now - 90 * 86_400_000
const callback = 'https://hooks.example.com/hooks/app'
const tenants = ['acme', 'globex']

describe.each(testedProviders.map(definition => [definition.id, definition] as const))('%s', (_, definition) => {
  const samples = readFixtures(definition, fixtureDir(definition.id))
  const shapes = definition.webhook.shapes.filter(({ scope, name }) => !scope && samples.events.get(name)?.length)

  test.each(shapes.map(({ name }) => name))(
    '%s, sent again as another tenant’s months later, is that tenant’s now and verifies',
    shape => {
      const sample = samples.sample(shape, samples.events.get(shape)?.[0] as string)
      const arrived = arriveFor(definition, sample)
      const as = { name: 'globex', at: () => ({ accounts: accountsOf(definition, 1), hook: hookOf(definition, 1) }) }
      const build = () => {
        const { work, changed } = asTenant(definition, partAlone(definition, workOf(definition, arrived)), as)
        const options = { definition, keys: arrived.keys, attempt: 1, now, allowRemote: false, ownSecret }
        return buildForward(work, { ...options, replay: 'signed', changed })
      }
      const { scheme } = arrived
      if (scheme.scheme === 'ed25519') return expect(build).toThrow(expect.objectContaining({ code: 'cannot-sign' }))
      const request = build()
      const keyring = keyringOf(definition, arrived, 1)
      // A key of the provider's own cannot be used anew, and its token says nothing of the body.
      const isTheirs = scheme.scheme === 'jwt' && 'jwks' in scheme.key
      const suffix = new URL(request.url).search
      const again = ingest(definition, { ...request, suffix }, isTheirs ? { ...keyring, now: longAgo } : keyring)
      expect(again).toMatchObject({ outcome: 'accepted', refused: [] })
      const owners = (again as Accepted).items.flatMap(item => item.accounts.flat())
      const own = accountsOf(definition, 1)
      const others = accountsOf(definition, 0)
      if ((arrived.accepted.items[0]?.accounts.length ?? 0) > 0) {
        expect(owners.some(({ kind, value }) => own[kind] === value)).toBe(true)
      }
      expect(owners.filter(({ kind, value }) => others[kind] === value && own[kind] !== value)).toEqual([])
      const hook = hookOf(definition, 1)
      if (arrived.accepted.activation !== null) expect((again as Accepted).activation).toBe(hook?.seq)
    },
  )
})

test('an account that stands nowhere, and one of a kind that the tenant lacks, are refused by name', () => {
  const definition = quickbooks
  const samples = readFixtures(definition, fixtureDir(definition.id))
  const [shape] = definition.webhook.shapes
  const sample = samples.sample(shape?.name ?? '', samples.events.get(shape?.name ?? '')?.[0] as string)
  const work = workOf(definition, arriveFor(definition, sample))
  const as = { name: 'globex', at: () => ({ accounts: { 'another kind': '1' }, hook: null }) }
  const change = () => asTenant(definition, partAlone(definition, work), as)
  expect(change).toThrow(WhsError)
  expect(change).toThrow(expect.objectContaining({ code: 'cannot-write-account', exit: 2 }))
})

interface Arrived {
  delivery: RawDelivery
  accepted: Accepted
  scheme: ReturnType<typeof sampleKeys>['scheme']
  keys: ClearKey[]
  jwks: Keyring['keys']
}

/** A sample that came for acme long ago, as the provider would have sent it. */
function arriveFor(definition: ProviderDefinition, sample: Pick<RawDelivery, 'headers' | 'body'>): Arrived {
  const keys = keysOf(definition)
  const source = {
    definition,
    app: { name: 'app' } as App,
    hosts: hostsOf(definition),
    keys,
    activations: [0, 1].flatMap(index => hookOf(definition, index) ?? []),
    slots: slotsOf(definition),
  }
  const {
    scheme,
    keys: signing,
    brings,
  } = sampleKeys(source, { name: 'acme', accounts: accountsOf(definition, 0) }, false)
  const message = composeSample(definition, sample, {
    accounts: accountsOf(definition, 0),
    random: Buffer.alloc(16, 7),
    at: longAgo,
  })
  const method = definition.webhook.methods[0] as string
  const slots = { ...signing.slots, callback }
  const signed = signDelivery(definition, { method, url: callback, ...message }, { ...signing, slots, now: longAgo })
  const delivery = { method, headers: signed.headers, body: signed.body, suffix: signed.url.slice(callback.length) }
  if (brings?.secret) {
    const { name, value } = brings.secret
    keys.push({ id: 90, name, value, fingerprint: fingerprint(value), createdAt: 0, activation: null })
  }
  const jwks = brings?.jwk ? { [brings.jwk.url]: { [brings.jwk.kid]: brings.jwk.key } } : {}
  const arrived = { delivery, scheme, keys, jwks }
  const keyring = { ...keyringOf(definition, arrived, 0), now: longAgo }
  const accepted = ingest(definition, delivery, keyring)
  if (accepted.outcome !== 'accepted') throw new Error(`the sample was not accepted: ${JSON.stringify(accepted)}`)
  return { ...arrived, accepted }
}

function keyringOf(
  definition: ProviderDefinition,
  { keys, jwks }: Pick<Arrived, 'keys' | 'jwks'>,
  tenant: number,
): Keyring {
  return {
    secrets: keys,
    activation: definition.activation.keyed ? (hookOf(definition, tenant)?.seq ?? null) : null,
    urls: [callback],
    keys: jwks,
    slots: { ...slotsOf(definition), callback },
    hosts: hostsOf(definition),
    now,
  }
}

function workOf(definition: ProviderDefinition, { delivery, accepted, keys }: Arrived): ForwardWork {
  const { items, scheme, url, activation, secretId } = accepted
  const events = items.map((item, index) => {
    const account = item.accounts[0]?.[0]?.value ?? null
    return { seq: index + 1, id: `evt_${index + 1}`, start: item.start, part: 1, account, event: item.event }
  })
  return {
    seq: 0,
    state: 'open',
    deliverySeq: 1,
    deliveryId: 'dlv_1',
    appId: 1,
    app: 'app',
    provider: definition.id,
    tenantId: 1,
    tenant: 'acme',
    target: 'http://localhost:3000/',
    method: delivery.method,
    suffix: delivery.suffix,
    headers: JSON.stringify(delivery.headers),
    body: delivery.body,
    secretFingerprint: keys.find(({ id }) => id === secretId)?.fingerprint ?? null,
    verified: accepted.verified,
    scheme,
    url,
    activation,
    source: 'delivery',
    receivedAt: longAgo,
    items: items.length,
    parts: 1,
    tries: 0,
    busy: 0,
    firstTryAt: null,
    events,
  }
}

/** The app's own secrets, and one of each tenant's hook. */
function keysOf(definition: ProviderDefinition): ClearKey[] {
  const make = (id: number, name: string, text: string, activation: ClearKey['activation']): ClearKey => {
    const value = Buffer.from(text).toString('base64')
    return { id, name, value, fingerprint: fingerprint(value), createdAt: 0, activation }
  }
  const own = Object.keys(definition.secrets).map((name, index) => make(index + 1, name, `the ${name} secret`, null))
  const hooks = [0, 1].flatMap(index => {
    const hook = definition.activation.secret ? hookOf(definition, index) : null
    if (!hook) return []
    const activation = { id: hook.seq, providerId: hook.providerId } as ClearKey['activation']
    return [make(50 + index, activationSecretName(definition), `${tenants[index]} hook`, activation)]
  })
  return [...hooks, ...own]
}

function hookOf(definition: ProviderDefinition, index: number): StoredActivation | null {
  const { per, kind } = definition.activation
  if (per === 'app') return null
  const providerId = (kind && accountsOf(definition, index)[kind]) || null
  return { seq: index + 1, tenant: tenants[index], kind: kind ?? null, providerId, state: 'active' } as StoredActivation
}

function accountsOf(definition: ProviderDefinition, index: number): Record<string, string> {
  return readFixtures(definition, fixtureDir(definition.id)).accounts[index]?.values ?? {}
}

function hostsOf({ hosts }: ProviderDefinition): Keyring['hosts'] {
  return hosts.production ?? hosts.sandbox ?? {}
}

function slotsOf({ settings = {} }: ProviderDefinition): Record<string, string> {
  const pairs = Object.entries(settings).map(([name, one]) => [`setting.${name}`, one.default ?? 'setting'])
  return { clientId: 'client', ...Object.fromEntries(pairs) }
}
