import { expect, test } from 'vitest'
import { fieldFaults } from '../../../src/core/definition-fields.ts'
import { template } from '../../../src/providers/_template.ts'
import { providers } from '../../../src/providers/index.ts'

test.each([template, ...providers].map(one => [one.id, one] as const))(
  '%s has the fields of a definition',
  (_, one) => {
    expect(fieldFaults(JSON.parse(JSON.stringify(one)))).toEqual([])
  },
)

type Change = (definition: Record<string, never>) => void
const changed = (change: Change): string[] => {
  const copy = JSON.parse(JSON.stringify(template)) as Record<string, never>
  change(copy)
  return fieldFaults(copy)
}

const put = (object: object | undefined, fields: object): unknown => Object.assign(object as object, fields)

test.each<[string, Change, string]>([
  ['a missing field', one => delete one.company, 'company: it is missing'],
  [
    'a misspelt field',
    one => Object.assign(one, { webhok: {} }),
    'webhok: there is no such field; did you mean webhook?',
  ],
  ['a number for a text', one => Object.assign(one, { name: 7 }), 'name: it must be a text'],
  ['an empty text', one => Object.assign(one, { name: '' }), 'name: it must be a text'],
  ['a word of no union', one => put(one.oauth, { pkce: 'plain' }), 'oauth.pkce: it must be "S256" or "none"'],
  ['an object for a list', one => Object.assign(one, { accounts: {} }), 'accounts: it must be a list, in [ ]'],
  ['a text for an object', one => Object.assign(one, { oauth: 'x' }), 'oauth: it must be an object, in { }'],
  [
    'an unknown scheme',
    one => put(one.webhook, { verify: [{ scheme: 'hmacc' }] }),
    'webhook.verify[0].scheme: it must be "hmac" or "hash" or "ed25519" or "token" or "basic" or "jwt" or "url-key"',
  ],
  [
    'a scheme without its key',
    one => put(one.webhook, { verify: [{ scheme: 'basic' }] }),
    'webhook.verify[0].key: it is missing',
  ],
  [
    'a shape without accounts',
    one => put(one.webhook, { shapes: [{ name: 'a', when: '@.a', providerEvent: '@.a' }] }),
    'webhook.shapes[0].accounts: it is missing',
  ],
])('%s is named with its place and what would be right', (_, change, fault) => {
  expect(changed(change)).toEqual([fault])
})

test.each([null, 7, 'text', []])('%j is no definition at all', value => {
  expect(fieldFaults(value)).toEqual(['the definition: it must be an object, in { }'])
})
