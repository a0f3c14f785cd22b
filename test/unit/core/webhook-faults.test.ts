import { expect, test } from 'vitest'
import type { ProviderDefinition } from '../../../src/core/definition.ts'
import { definitionFaults } from '../../../src/core/validate-definition.ts'
import type { Handshake, Scheme, Webhook } from '../../../src/core/webhook-definition.ts'
import { rs256 } from '../../helpers/scheme-cases.ts'
import { hmacScheme, smallDefinition, smallShape, smallWith } from '../../helpers/small-definition.ts'

const faults = (webhook: Partial<Webhook>): string[] => definitionFaults(smallDefinition(webhook))
const handshake: Handshake = { kind: 'check', method: 'GET', proof: 'none', reply: { status: 200 } }
const key = { secret: 'webhook' }

test('a small definition is sound, with every scheme', () => {
  const token: Scheme = { scheme: 'token', at: '@.token', key }
  const hash: Scheme = { ...hmacScheme, scheme: 'hash', hash: 'sha256', signs: ['secret', 'body'] }
  const ed: Scheme = { ...hmacScheme, scheme: 'ed25519' }
  const all: Scheme[] = [hmacScheme, hash, ed, token, { scheme: 'basic', key }, rs256, { scheme: 'url-key' }]
  expect(definitionFaults(smallWith(...all))).toEqual([])
  expect(faults({ handshakes: [handshake], alongside: ['$.users'] })).toEqual([])
})

test.each<[string, Partial<Webhook>]>([
  ['webhook.methods: it names no method', { methods: [] }],
  ["webhook.body: it names no decoder: 'json', 'form', { jsonField } or 'empty'", { body: [] }],
  ['webhook.verify: it names no scheme', { verify: [] }],
  ["webhook.split: it names no path; '$' is the whole body", { split: [] }],
  ['webhook.split: @.a must begin with $', { split: ['@.a', '$'] }],
  ['webhook.split: @.b must begin with $', { alongside: ['@.b'] }],
  ['shape event: its name is there twice', { shapes: [smallShape, smallShape] }],
  ['shape event: it has neither an id nor what one is derived from', { shapes: [withoutId()] }],
  [
    "shape event: path @['a','b'] names several keys, which only a split may",
    { shapes: [{ ...smallShape, id: "@['a','b']" }] },
  ],
])('%s', (fault, webhook) => {
  expect(faults(webhook)).toContain(fault)
})

test.each<[string, Scheme]>([
  ['path "x" must begin with $ or @', { ...hmacScheme, when: 'x' }],
  ['path "x" must begin with $ or @', { ...hmacScheme, key: { ...key, activation: 'x' } }],
  ['path "x" must begin with $ or @', { ...hmacScheme, bodyHash: 'x' }],
  ['path "x" must begin with $ or @', { scheme: 'token', at: 'x', key }],
  ['path "x" must begin with $ or @', { ...hmacScheme, time: { at: 'x', unit: 's', toleranceSeconds: 1 } }],
  ['header.names is empty', { ...hmacScheme, header: { names: [] } }],
  ['a plain hash without the secret proves nothing', { ...hmacScheme, scheme: 'hash', hash: 'sha256' }],
  ['it signs a time and does not say where it stands (time)', { ...hmacScheme, signs: ['time', 'body'] }],
  [
    'it signs a time and does not say where it stands (time)',
    { ...hmacScheme, header: { names: ['x'], list: { signature: 'v', time: 't' } } },
  ],
  ['its time is in no list of the header', { ...hmacScheme, time: { at: 'list', unit: 's', toleranceSeconds: 1 } }],
  [
    'its secret other is not described in secrets (client, webhook, signing)',
    { ...hmacScheme, key: { secret: 'other' } },
  ],
  ['key.jwks: https://a.example/keys does not begin with a host role', jwks('https://a.example/keys')],
  ['key.jwks: {nowhere}/keys does not begin with a host role', jwks('{nowhere}/keys')],
  ['key.jwks: {api}/{setting.x} has a slot, but a key set stands at one place', jwks('{api}/{setting.x}')],
])('webhook.verify[0]: %s', (fault, scheme) => {
  expect(definitionFaults(smallWith(scheme))).toEqual([`webhook.verify[0]: ${fault}`])
})

test('a key in the URL needs an activation that has one', () => {
  const definition: ProviderDefinition = smallWith({ scheme: 'url-key' })
  const { keyed: _keyed, ...activation } = definition.activation
  expect(definitionFaults({ ...definition, activation })).toEqual([
    'webhook.verify[0]: only a keyed activation has a key in its URL',
  ])
})

test('a key set of a host that differs from tenant to tenant stands at no one place', () => {
  const definition = { ...smallWith(rs256), ask: [{ name: 'shop', label: 'Shop', example: 'acme', pattern: '[a-z]+' }] }
  const hosts = { production: { authorize: 'https://app.example.com', api: 'https://{shop}.example.com' } }
  expect(definitionFaults({ ...definition, hosts })).toEqual([
    'webhook.verify[0]: key.jwks: {api}/keys has a slot, but a key set stands at one place',
  ])
})

test.each<[string, Partial<Handshake>]>([
  ['path "x" must begin with $ or @', { when: ['$.a', 'x'] }],
  ['[*] in $.a[*] follows no split', { when: ['$.a[*]'] }],
  ['path "x" must begin with $ or @', { proof: { token: 'x', secret: 'client' } }],
  [
    'its secret other is not described in secrets (client, webhook, signing)',
    { proof: { token: '$.a', secret: 'other' } },
  ],
  [
    'its secret other is not described in secrets (client, webhook, signing)',
    { brings: { secret: 'other', of: 'app', at: '$.a' } },
  ],
  ['path "x" must begin with $ or @', { brings: { secret: 'client', of: 'app', at: 'x' } }],
  ['path "x" must begin with $ or @', { reply: { status: 200, text: 'x' } }],
  ['path "x" must begin with $ or @', { reply: { status: 200, headers: { a: 'x' } } }],
  ['path "x" must begin with $ or @', { reply: { status: 200, json: { a: 'x', b: { json: true } } } }],
  ['pattern a has no group to take', { reply: { status: 200, text: { capture: { of: '$.a', pattern: 'a' } } } }],
])('handshake check: %s', (fault, change) => {
  expect(faults({ handshakes: [{ ...handshake, ...change }] })).toEqual([`handshake check: ${fault}`])
})

function withoutId(): Webhook['shapes'][0] {
  const { id: _id, ...shape } = smallShape
  return shape
}

function jwks(url: string): Scheme {
  return { ...rs256, key: { jwks: url } }
}
