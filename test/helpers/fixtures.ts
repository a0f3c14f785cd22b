import { Buffer } from 'node:buffer'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { type RawHeaders, setHeader } from '../../src/core/headers.ts'
import type { Keyring, PublicKeys, SecretCandidate } from '../../src/core/keyring.ts'
import { providers } from '../../src/providers/index.ts'

export interface ActivationFixture {
  id: string | null
  secret?: string
  key?: string
  tenant?: string
}

/** A request of `fixtures/<id>/deliveries.json` with its exact bytes. See fixtures/README.md. */
export interface DeliveryFixture {
  name: string
  file?: string
  method: string
  headers: RawHeaders
  body: Buffer
  suffix: string
  key?: string
  at: number
  url: string
  secrets: Record<string, string>
  activations: ActivationFixture[]
  settings: Record<string, string>
  keys: PublicKeys
  witness: { by: 'provider' | 'sdk' | 'library'; source: string; version: string; how: string }
  expect:
    | { outcome: 'accepted'; status: number; verified: 'signature' | 'token'; items: object[]; refused?: string[] }
    | { outcome: 'rejected'; status: number; reason: string }
    | {
        outcome: 'handshake'
        kind: string
        status: number
        text?: string
        json?: object
        headers?: Record<string, string>
      }
}

export interface SampleFixture {
  shape: string
  event: string
  headers: RawHeaders
  body: Buffer
}

/** The providers that are tested: all, or those of WHS_PROVIDER (ids with commas between them). */
export const testedProviders: ProviderDefinition[] = providers.filter(({ id }) => {
  const wanted = process.env.WHS_PROVIDER
  return wanted === undefined || wanted.split(',').includes(id)
})

export function fixtureDir(id: string): string {
  return new URL(`../../fixtures/${id}/`, import.meta.url).pathname
}

interface DeliveriesFile extends Partial<Omit<DeliveryFixture, 'at'>> {
  at?: string
  deliveries: (Omit<DeliveryFixture, 'at' | 'keys'> & { at?: string; keys?: Record<string, { keys: JsonWebKey[] }> })[]
}

export function deliveryFixtures(id: string): DeliveryFixture[] {
  const dir = fixtureDir(id)
  const file = readJson<DeliveriesFile>(join(dir, 'deliveries.json'))
  return file.deliveries.map(entry => ({
    ...entry,
    method: entry.method ?? 'POST',
    suffix: entry.suffix ?? '',
    headers: entry.headers ?? [],
    at: Date.parse(entry.at ?? file.at ?? '2026-11-25T00:00:00Z'),
    url: entry.url ?? file.url ?? `https://hooks.example.com/hooks/${id}`,
    secrets: entry.secrets ?? file.secrets ?? {},
    activations: entry.activations ?? file.activations ?? [],
    settings: entry.settings ?? file.settings ?? {},
    keys: keysOf(entry.keys ?? {}),
    body: entry.file === undefined ? Buffer.alloc(0) : readFileSync(join(dir, entry.file)),
  }))
}

function keysOf(sets: Record<string, { keys: (JsonWebKey & { kid?: string })[] }>): PublicKeys {
  return Object.fromEntries(
    Object.entries(sets).map(([url, { keys }]) => [url, Object.fromEntries(keys.map(key => [key.kid ?? '', key]))]),
  ) as PublicKeys
}

/** The name under which secrets of activations are stored. */
export function activationSecretName(definition: ProviderDefinition): string {
  for (const scheme of definition.webhook.verify) {
    if ('key' in scheme && 'secret' in scheme.key && (scheme.key.of ?? 'app') !== 'app') return scheme.key.secret
  }
  return 'webhook'
}

/** What is known when a delivery of the fixtures arrives. */
export function keyringOf(definition: ProviderDefinition, delivery: DeliveryFixture): Keyring {
  const own = Object.entries(delivery.secrets).map(
    ([name, value], index): SecretCandidate => ({ id: index + 10, name, value, activation: null }),
  )
  const others = own.map(one => ({ ...one, id: one.id + 100, value: otherSecret(one.value) }))
  const ofHooks = delivery.activations.flatMap(({ id, secret }, index): SecretCandidate[] =>
    secret === undefined
      ? []
      : [
          {
            id: index + 500,
            name: activationSecretName(definition),
            value: secret,
            activation: { id: index + 1, providerId: id },
          },
        ],
  )
  const named = delivery.activations.findIndex(({ key }) => key !== undefined && key === delivery.key)
  const { url, keys, settings, at } = delivery
  return {
    secrets: [...others, ...own, ...ofHooks],
    activation: named < 0 ? null : named + 1,
    urls: ['https://other.example.com/hooks/other', url],
    keys,
    slots: { callback: url, clientId: settings.clientId ?? 'client', ...slotsOf(settings) },
    hosts: definition.hosts.production ?? definition.hosts.sandbox ?? {},
    now: at,
  }
}

function slotsOf(settings: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [`setting.${name}`, value]))
}

/** A secret that looks like another one and is not: its last letter or digit is another. */
export function otherSecret(value: string): string {
  const at = value.search(/[A-Za-z0-9](?=[^A-Za-z0-9]*$)/)
  const next = value[at] === '1' ? '2' : '1'
  const before = value.slice(0, at - 1)
  const changed = value[at - 1] === '3' ? '4' : '3'
  return before + changed + next + value.slice(at + 1)
}

export function sampleFixtures(id: string): SampleFixture[] {
  const dir = join(fixtureDir(id), 'samples')
  const common = readJson<RawHeaders>(join(dir, 'headers.json'))
  const shapes = readdirSync(dir, { withFileTypes: true }).filter(entry => entry.isDirectory())
  return shapes.flatMap(({ name: shape }) =>
    readdirSync(join(dir, shape))
      .filter(file => !file.endsWith('.headers.json'))
      .map(file => {
        const event = file.replace(/\.(json|form|empty)$/, '')
        const own = join(dir, shape, `${event}.headers.json`)
        const pairs = existsSync(own) ? readJson<RawHeaders>(own) : []
        return { shape, event, headers: withHeaders(common, pairs), body: readFileSync(join(dir, shape, file)) }
      }),
  )
}

function withHeaders(headers: RawHeaders, more: RawHeaders): RawHeaders {
  let all = headers
  for (let index = 0; index < more.length; index += 2)
    all = setHeader(all, more[index] as string, more[index + 1] as string)
  return all
}

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T
}
