import { Buffer } from 'node:buffer'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { type Accepted, ingest, readItems } from '../../src/core/ingest.ts'
import type { Keyring } from '../../src/core/keyring.ts'
import { cutPart } from '../../src/core/part.ts'
import type { IngestedItem } from '../../src/core/read-item.ts'
import { composeSample, joinSamples, type SampleMessage } from '../../src/core/sample.ts'
import { schemeFor, signDelivery } from '../../src/core/sign-delivery.ts'
import { definitionFaults } from '../../src/core/validate-definition.ts'
import { demoProvider, providerOf, providers } from '../../src/providers/index.ts'
import {
  activationSecretName,
  deliveryFixtures,
  fixtureDir,
  keyringOf,
  readJson,
  sampleFixtures,
  testedProviders,
} from '../helpers/fixtures.ts'

const root = new URL('../../', import.meta.url).pathname

test('the registry lists the files of its folder, and every one has fixtures', () => {
  const files = readdirSync(join(root, 'src/providers'))
    .filter(name => name.endsWith('.ts') && name !== 'index.ts' && !name.startsWith('_'))
    .map(name => name.slice(0, -3))
  expect(providers.map(({ id }) => id).sort()).toEqual(files.sort())
  const folders = readdirSync(join(root, 'fixtures'), { withFileTypes: true }).filter(entry => entry.isDirectory())
  expect(folders.map(({ name }) => name).sort()).toEqual(files)
  for (const definition of providers) expect(providerOf(definition.id)).toBe(definition)
  expect(providers).toContain(demoProvider)
})

describe.each(testedProviders.map(definition => [definition.id, definition] as const))('%s', (id, definition) => {
  const samples = sampleFixtures(id)
  const accounts = readJson<{ name: string; values: Record<string, string> }[]>(join(fixtureDir(id), 'accounts.json'))

  test('is sound data and survives JSON', () => {
    expect(definitionFaults(definition)).toEqual([])
    expect(JSON.parse(JSON.stringify(definition))).toEqual(definition)
  })

  test('has what the simulator answers with', () => {
    const dir = fixtureDir(id)
    expect(existsSync(join(dir, 'api/identity.json'))).toBe(typeof definition.identity.from === 'object')
    expect(existsSync(join(dir, 'api/prove.json'))).toBe(definition.identity.prove !== undefined)
    expect(existsSync(join(dir, 'oauth/token.json'))).toBe(definition.oauth.kind === 'code')
    expect(accounts.length).toBeGreaterThanOrEqual(3)
    for (const { kind, pattern } of definition.accounts) {
      const values = accounts.map(({ values }) => values[kind])
      for (const value of values) if (value !== undefined) expect(value).toMatch(new RegExp(pattern))
      expect(
        values.some(value => value !== undefined),
        `no account has a ${kind}`,
      ).toBe(true)
    }
    const shapes = new Set(samples.map(({ shape }) => shape))
    for (const shape of definition.webhook.shapes) expect(shapes, `no sample of ${shape.name}`).toContain(shape.name)
  })

  test.each(samples.map(sample => [`${sample.shape} ${sample.event}`, sample] as const))('sample %s', (_, sample) => {
    const items = readItems(definition, { method: 'POST', ...sample }, 1)
    expect(items).toMatchObject([{ shape: sample.shape, event: sample.event, fault: null }])
    const [, other] = accounts as [unknown, { values: Record<string, string> }]
    const at = Date.UTC(2027, 1, 3, 4, 5, 6)
    const random = Buffer.alloc(16, 7)
    const changes = { accounts: other.values, random, at, resourceId: '4711', deletedId: '4712' }
    const [before] = items as [IngestedItem]
    const canWriteResource = before.resource !== null && resourceCanBeWritten(definition, sample)
    const made = composeSample(definition, sample, canWriteResource ? changes : { accounts: other.values, random, at })
    const [after] = readItems(definition, { method: 'POST', ...made }, 1) as [IngestedItem]
    for (const { kind, value } of after.accounts.flat()) {
      if (other.values[kind] !== undefined) expect(value).toBe(other.values[kind])
    }
    expect(after).toMatchObject({ shape: before.shape, event: before.event, providerEvent: before.providerEvent })
    if (canWriteResource) expect(after.resource?.id).toBe('4711')
    if (before.occurredAt && after.occurredAt !== before.occurredAt) expect(timeOf(after.occurredAt as string)).toBe(at)
    if (before.providerEventId) expect(after.providerEventId).not.toBe(before.providerEventId)
    expect(after.providerEventId?.length).toBe(before.providerEventId?.length)
    const { delivery, keyring } = signed(definition, made, at)
    const result = ingest(definition, delivery, keyring)
    expect(result).toMatchObject({ outcome: 'accepted' })
    expect((result as Accepted).items).toMatchObject([{ shape: sample.shape, event: sample.event }])
  })

  const mixed = deliveryFixtures(id).filter(
    ({ expect: wanted }) => wanted.outcome === 'accepted' && wanted.items.length > 1,
  )

  test.each(mixed.map(delivery => [delivery.name, delivery] as const))('every part of %s', (_, delivery) => {
    const keyring = keyringOf(definition, delivery)
    const { items: whole, scheme, activation, secretId } = ingest(definition, delivery, keyring) as Accepted
    const used = keyring.secrets.find(({ id }) => id === secretId)
    expect(cutPart(definition, delivery.body, starts(whole))).toBeNull()
    const most = Math.min(2 ** whole.length - 1, 300)
    for (let chosen = 1; chosen < most; chosen++) {
      const kept = whole.filter((_, index) => chosen & (1 << index))
      if (kept.length === whole.length || kept.length === 0) continue
      const part = cutPart(definition, delivery.body, starts(kept)) as Buffer
      expect(() => JSON.parse(part.toString().replace(/^\ufeff/, ''))).not.toThrow()
      const again = readItems(definition, { ...delivery, body: part }, activation)
      expect(again.map(item => bytesOf(part, item))).toEqual(kept.map(item => bytesOf(delivery.body, item)))
      expect(again.map(withoutPlace)).toEqual(kept.map(withoutPlace))
      const own = new Set(kept.flatMap(values))
      const around = again.reduce((text, item) => text.replace(bytesOf(part, item), ''), part.toString('latin1'))
      for (const value of whole.flatMap(values)) if (!own.has(value)) expect(around).not.toContain(value)
      const message = {
        method: delivery.method,
        url: delivery.url + delivery.suffix,
        headers: delivery.headers,
        body: part,
      }
      const perItem = definition.webhook.verify[scheme]?.scheme === 'token'
      const secrets = { ...delivery.secrets, ...(used ? { [used.name]: used.value } : {}) }
      const remade = perItem ? message : signDelivery(definition, message, { secrets, scheme, now: delivery.at })
      const suffix = remade.url.slice(delivery.url.length)
      expect(ingest(definition, { ...delivery, ...remade, suffix }, keyring)).toMatchObject({
        outcome: 'accepted',
        scheme,
      })
    }
  })

  test('samples of a shape join into one delivery whose items are theirs, byte for byte, or say that they cannot', () => {
    for (const { name: shape } of definition.webhook.shapes) {
      const some = samples.filter(sample => sample.shape === shape).slice(0, 4)
      const made = some.map((sample, index) =>
        composeSample(definition, sample, { accounts: accounts[index % 2]?.values ?? {} }),
      )
      if (!definition.webhook.split.some(path => path.includes('[*]'))) {
        if (made.length > 1) expect(() => joinSamples(definition, made)).toThrow(/cannot mix/)
        continue
      }
      const [first] = made
      if (!first || !hasStar(definition, first)) continue
      const joined = joinSamples(definition, made)
      const items = readItems(definition, { method: 'POST', ...joined }, 1)
      const alone = made.flatMap(one =>
        readItems(definition, { method: 'POST', ...one }, 1).map(item => bytesOf(one.body, item)),
      )
      expect(items.map(item => bytesOf(joined.body, item))).toEqual(alone)
    }
  })
})

function hasStar(definition: ProviderDefinition, message: SampleMessage): boolean {
  return readItems(definition, { method: 'POST', ...message }, 1).every(({ pointer }) => /\/\d+/.test(pointer))
}

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ed = generateKeyPairSync('ed25519')

/** A message as its provider would send it, with keys of ours. */
function signed(definition: ProviderDefinition, message: SampleMessage, now: number) {
  const scheme = schemeFor(definition, { secrets: secretsOf(definition, ''), privateKey })
  const isEd = scheme?.scheme === 'ed25519'
  const secrets = secretsOf(definition, isEd ? rawKey(ed.publicKey) : '')
  const url = 'https://hooks.example.com/hooks/app'
  const slots = {
    callback: url,
    clientId: 'client',
    ...Object.fromEntries(Object.keys(definition.settings ?? {}).map(name => [`setting.${name}`, 'x'])),
  }
  const keys = { secrets, privateKey: isEd ? ed.privateKey : privateKey, keyId: 'k1', now, slots }
  const made = signDelivery(definition, { method: 'POST', url, ...message }, keys)
  const suffix = made.url.slice(url.length)
  const name = activationSecretName(definition)
  const hook = { id: 2, name, value: secrets[name] as string, activation: { id: 1, providerId: null } }
  const own = Object.entries(secrets).map(([name, value]) => ({ id: 1, name, value, activation: null }))
  const hosts = definition.hosts.production ?? definition.hosts.sandbox ?? {}
  const jwk = publicKey.export({ format: 'jwk' })
  const anyUrl = new Proxy({}, { get: () => ({ k1: jwk }) }) as Keyring['keys']
  const keyring: Keyring = { secrets: [...own, hook], activation: 1, urls: [url], keys: anyUrl, slots, hosts, now }
  return { delivery: { method: definition.webhook.methods[0] as string, suffix, ...made }, keyring }
}

function rawKey(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
}

function secretsOf(definition: ProviderDefinition, special: string): Record<string, string> {
  return Object.fromEntries(
    Object.keys(definition.secrets).map(name => [name, special || Buffer.from(`a secret ${name}`).toString('base64')]),
  )
}

function resourceCanBeWritten(definition: ProviderDefinition, sample: SampleMessage): boolean {
  try {
    composeSample(definition, sample, { resourceId: '4711', deletedId: '4712' })
    return true
  } catch {
    return false
  }
}

/** A time without a zone is UTC. */
function timeOf(text: string): number {
  if (/^\d{9,11}$/.test(text)) return Number(text) * 1000
  if (/^\d{12,14}$/.test(text)) return Number(text)
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text.replace(' ', 'T')}Z`)
}

function values(item: IngestedItem): string[] {
  return item.accounts.flat().map(({ value }) => value)
}

function starts(items: IngestedItem[]): number[] {
  return items.map(item => item.start)
}

function bytesOf(body: Buffer, item: IngestedItem): string {
  return body.toString('latin1', item.start, item.start + item.length)
}

/** What must be the same when an item stands at another place. */
function withoutPlace(item: IngestedItem) {
  const { start: _start, pointer: _pointer, accounts, fault, activation: _activation, ...rest } = item
  return {
    ...rest,
    accounts: accounts.map(entry => entry.map(({ kind, value }) => ({ kind, value }))),
    readable: fault === null,
  }
}
