import { expect, test } from 'vitest'
import type { ProviderDefinition, Value } from '../../../src/core/definition.ts'
import { definitionFaults } from '../../../src/core/validate-definition.ts'
import { quickbooks } from '../../../src/providers/quickbooks.ts'

/** A definition that is right, with one thing made wrong. */
function broken(change: (definition: ProviderDefinition) => void): string[] {
  const definition = structuredClone(quickbooks) as ProviderDefinition
  change(definition)
  return definitionFaults(definition)
}

test('a definition that is right has no fault', () => {
  expect(broken(() => {})).toEqual([])
})

const shape = (definition: ProviderDefinition) =>
  definition.webhook.shapes[0] as ProviderDefinition['webhook']['shapes'][0]
const account = (definition: ProviderDefinition) => definition.accounts[0] as ProviderDefinition['accounts'][0]
const put = (object: object, field: string, value: unknown) => Object.assign(object, { [field]: value })

test.each<[string, (definition: ProviderDefinition) => void]>([
  ['id "Quick Books" is not [a-z0-9-]', one => put(one, 'id', 'Quick Books')],
  ['it does not survive JSON.parse(JSON.stringify())', one => put(one, 'name', () => 'x')],
  ['it does not survive JSON.parse(JSON.stringify())', one => put(one, 'name', undefined)],
  ['it does not survive JSON.parse(JSON.stringify())', one => put(account(one), 'pattern', /^a$/)],
  ['it does not survive JSON.parse(JSON.stringify())', one => put(one.checked, 'seen', new Date(0))],
  ['it does not survive JSON.parse(JSON.stringify())', one => put(one.oauth, 'accessSeconds', Number.NaN)],
  ['it does not survive JSON.parse(JSON.stringify())', one => put(one.oauth, 'accessSeconds', 3600n)],
  ['checked.on is no date', one => put(one.checked, 'on', 'today')],
  ['docs.oauth is no https URL', one => put(one.docs, 'oauth', 'http://example.com')],
  ['docs.portal is no https URL', one => put(one.docs, 'portal', 'see the portal')],
  ['it has no environment', one => put(one, 'hosts', {})],
  ['its environments have different host roles', one => put(one.hosts.sandbox as object, 'extra', 'https://a.example')],
  ['host api is no https origin: http://a.example', one => put(one.hosts.sandbox as object, 'api', 'http://a.example')],
  [
    'host api is no https origin: https://a.example/x',
    one => put(one.hosts.production as object, 'api', 'https://a.example/x'),
  ],
  ['URL {tokens}/x does not begin with a known host role', one => put(one.oauth, 'tokenUrl', '{tokens}/x')],
  [
    'URL https://a.example/x does not begin with a known host role',
    one => put(one.oauth, 'authorizeUrl', 'https://a.example/x'),
  ],
  ['URL {api}x does not begin with a known host role', one => put(one.oauth.revoke as object, 'url', '{api}x')],
  [
    'URL {api}/x/{tenant} has the unknown slot {tenant}',
    one => put(account(one).consent.prove, 'url', '{api}/x/{tenant}'),
  ],
  [
    'URL {api}/x/{since} has the unknown slot {since}',
    one => put(one.record?.call as object, 'url', '{api}/x/{since}'),
  ],
  [
    'URL {api}/{resourceId} has the unknown slot {resourceId}',
    one => put(one.catchUp?.call as object, 'url', '{api}/{resourceId}'),
  ],
  ['account realm: its pattern is not anchored', one => put(account(one), 'pattern', '[0-9]+')],
  ['account realm: its pattern repeats a repetition', one => put(account(one), 'pattern', '^([0-9]+)+$')],
  ['account realm: its pattern is no regular expression', one => put(account(one), 'pattern', '^(a$')],
  ['path "CompanyInfo" must begin with $ or @', one => put(account(one).consent, 'name', 'CompanyInfo')],
  ['[*] in $.a[*] follows no split', one => put(account(one).consent, 'equals', '$.a[*]')],
  ['it has no split or no shape', one => put(one.webhook, 'split', [])],
  ['it has no split or no shape', one => put(one.webhook, 'shapes', [])],
  ['its secret signing is not described', one => put(one.webhook.verify, 'secret', 'signing')],
  [
    'path "list" must begin with $ or @',
    one => put(one.webhook, 'split', ['list', '$.eventNotifications[*].dataChangeEvent.entities[*]', '$[*]']),
  ],
  ['shape cloudevents: path "x" must begin with $ or @', one => put(shape(one), 'when', 'x')],
  ['shape cloudevents: [*] in $.other[*].id follows no split', one => put(shape(one), 'id', '$.other[*].id')],
  ['shape cloudevents: [*] in @.list[*] follows no split', one => put(shape(one), 'time', '@.list[*]')],
  ['shape cloudevents: it has no account kind shop', one => put(shape(one), 'accounts', [{ kind: 'shop', at: '@.x' }])],
  ['shape cloudevents: it has neither an id nor what one is derived from', one => delete shape(one).id],
])('%s', (fault, change) => {
  expect(broken(change)).toContain(fault)
})

test.each<[Value]>([
  [{ first: ['@.x', { template: '{@.a} {nowhere}' }] }],
  [{ part: { of: 'nowhere', by: '.', from: 0 } }],
  [{ template: '{nowhere}' }],
])('a path that is none is found inside %j', value => {
  expect(broken(one => put(shape(one), 'providerEvent', value))).toEqual([
    'shape cloudevents: path "nowhere" must begin with $ or @',
  ])
})

test('a header is a value too', () => {
  expect(broken(one => put(shape(one), 'id', { header: 'x-id' }))).toEqual([])
})
