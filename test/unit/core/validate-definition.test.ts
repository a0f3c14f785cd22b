import { expect, test } from 'vitest'
import type { ProviderDefinition } from '../../../src/core/definition.ts'
import { definitionFaults } from '../../../src/core/validate-definition.ts'
import type { Value } from '../../../src/core/value-definition.ts'
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

const scheme = (definition: ProviderDefinition) => definition.webhook.verify[0] as object
const prove = (definition: ProviderDefinition) => definition.identity.prove as object

test.each<[string, (definition: ProviderDefinition) => void]>([
  ['id: "Quick Books" is not [a-z0-9-]', one => put(one, 'id', 'Quick Books')],
  ['it does not survive JSON.parse(JSON.stringify())', one => put(one, 'name', () => 'x')],
  ['it does not survive JSON.parse(JSON.stringify())', one => put(one, 'name', undefined)],
  ['it does not survive JSON.parse(JSON.stringify())', one => put(account(one), 'note', /^a$/)],
  ['it does not survive JSON.parse(JSON.stringify())', one => put(one.checked, 'seen', new Date(0))],
  ['it does not survive JSON.parse(JSON.stringify())', one => put(one.oauth, 'accessSeconds', Number.NaN)],
  ['it does not survive JSON.parse(JSON.stringify())', one => put(one.oauth, 'accessSeconds', 3600n)],
  ['checked.on: it is no date such as 2026-01-31', one => put(one.checked, 'on', 'today')],
  ['checked.on: it is no date such as 2026-01-31', one => put(one.checked, 'on', '2026-13-45')],
  [
    'identity: an unsigned callback may name one kind of account, which its proof confirms; it names realm, shop',
    one => {
      one.accounts.push({ ...account(one), kind: 'shop' })
      put(one.identity.accounts, 'shop', '$.shop')
    },
  ],
  ['docs.oauth: it is no https URL', one => put(one.docs, 'oauth', 'http://example.com')],
  ['docs.portal: it is no https URL', one => put(one.docs, 'portal', 'see the portal')],
  ['hosts: it has no environment (production or sandbox)', one => put(one, 'hosts', {})],
  [
    'hosts: its environments have different roles',
    one => put(one.hosts.sandbox as object, 'extra', 'https://a.example'),
  ],
  [
    'oauth.authorizeUrl: https://a.example/x does not begin with a host role: {authorize}/… or {token}/… or {platform}/… or {api}/…',
    one => put(one.oauth, 'authorizeUrl', 'https://a.example/x'),
  ],
  ['oauth.tokenUrl: an authorization code needs one', one => delete one.oauth.tokenUrl],
  ['account realm: pattern [0-9]+ is not anchored: it must be ^…$', one => put(account(one), 'pattern', '[0-9]+')],
  [
    'account realm: pattern ^([0-9]+)+$ repeats a repetition or a choice',
    one => put(account(one), 'pattern', '^([0-9]+)+$'),
  ],
  ['account realm: pattern ^(a$ is no regular expression', one => put(account(one), 'pattern', '^(a$')],
  ['identity: path "CompanyInfo" must begin with $ or @', one => put(prove(one), 'name', 'CompanyInfo')],
  ['identity: shop is no account kind that comes from the consent', one => put(one.identity.accounts, 'shop', '$.x')],
  ['identity: what came through the browser, or was typed, must be proved (prove)', one => delete one.identity.prove],
  ["webhook.split: it names no path; '$' is the whole body", one => put(one.webhook, 'split', [])],
  ['webhook.shapes: it has no shape', one => put(one.webhook, 'shapes', [])],
  [
    'webhook.verify[0]: its secret signing is not described in secrets (client, webhook)',
    one => put(scheme(one), 'key', { secret: 'signing' }),
  ],
  [
    'webhook.split: path "list" must begin with $ or @',
    one => put(one.webhook, 'split', ['list', ...one.webhook.split]),
  ],
  ['shape cloudevents: path "x" must begin with $ or @', one => put(shape(one), 'when', 'x')],
  ['shape cloudevents: [*] in $.other[*].id follows no split', one => put(shape(one), 'id', '$.other[*].id')],
  ['shape cloudevents: [*] in @.list[*] follows no split', one => put(shape(one), 'time', '@.list[*]')],
  [
    'shape cloudevents: it has no account kind shop; accounts names realm',
    one => put(shape(one), 'accounts', [{ kind: 'shop', at: '@.x' }]),
  ],
  ['shape cloudevents: it has neither an id nor what one is derived from', one => delete shape(one).id],
  ['shape cloudevents: an event of the platform is of no account', one => put(shape(one), 'scope', 'app')],
  ['activation: it tells a person no step', one => put(one.activation, 'steps', [])],
  [
    'handshake test: it signs what the sender says, so its proof must be the signature',
    one =>
      put(one.webhook, 'handshakes', [
        {
          kind: 'test',
          method: 'POST',
          proof: 'none',
          reply: { status: 200, json: { a: { hmac: { of: '$.a', secret: 'webhook', pattern: '^[a-z]+$' } } } },
        },
      ]),
  ],
])('%s', (fault, change) => {
  expect(broken(change)).toContain(fault)
})

test.each<[string, (definition: ProviderDefinition) => void]>([
  ['oauth.revoke.url: {api}x does not begin', one => put(one.oauth.revoke as object, 'url', '{api}x')],
  [
    'identity.prove.call: {api}/x/{shop} has the unknown slot {shop}',
    one => put(prove(one), 'call', { method: 'GET', url: '{api}/x/{shop}' }),
  ],
  [
    'record[0].call: {api}/x/{since} has the unknown slot {since}',
    one => put(one.record?.[0]?.call as object, 'url', '{api}/x/{since}'),
  ],
  [
    'feed cdc: call: {api}/{resourceId} has the unknown slot',
    one => put(one.feeds?.[0]?.call as object, 'url', '{api}/{resourceId}'),
  ],
  ['hosts.sandbox.api: http://a.example: ', one => put(one.hosts.sandbox as object, 'api', 'http://a.example')],
  [
    'hosts.production.api: https://a.example/x: ',
    one => put(one.hosts.production as object, 'api', 'https://a.example/x'),
  ],
])('%s …', (beginning, change) => {
  expect(broken(change).filter(fault => fault.startsWith(beginning))).not.toEqual([])
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
