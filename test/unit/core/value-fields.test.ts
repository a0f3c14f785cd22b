import { expect, test } from 'vitest'
import { fieldFaults } from '../../../src/core/definition-fields.ts'
import { template } from '../../../src/providers/_template.ts'

/** The template with one of its parts replaced, and what is then wrong with it. */
function faults(place: string, value: unknown): string[] {
  const copy = JSON.parse(JSON.stringify(template)) as Record<string, unknown>
  const names = place.split('.')
  const last = names.pop() as string
  const holder = names.reduce((at, name) => at[name] as Record<string, unknown>, copy)
  holder[last] = value
  return fieldFaults(copy)
}

const id = 'webhook.shapes.0.id'
const when = 'webhook.shapes.0.when'
const at = '@.id'

test.each<[string, unknown]>([
  [id, { header: 'x-id' }],
  [id, { query: 'id' }],
  [id, { text: 'fixed' }],
  [id, { first: [at, { header: 'x-id' }] }],
  [id, { join: [at, at], by: '' }],
  [id, { part: { of: at, by: '.', from: 0, to: -1 } }],
  [id, { template: '{@.a}-{@.b}' }],
  [id, { capture: { of: { header: 'x' }, pattern: '^(a)' } }],
  [id, { map: { of: at, words: { a: '', b: 'c' } } }],
  [id, { base64Json: { of: at, at: '$.x' } }],
  [when, { at, is: 'a' }],
  [when, { at, is: ['a', 'b'] }],
  [when, { at, is: '' }],
  [when, { all: [{ exists: at }, { absent: { header: 'x' } }, { empty: '@.list' }, '@.a'] }],
  ['webhook.body', ['json', 'form', 'empty', { jsonField: 'payload' }]],
  ['webhook.verify.0.signs', ['body', 'time', 'sorted-form', { text: ':' }, { header: 'x-time' }]],
  ['webhook.verify.0.header', { names: ['x'], list: { signature: 'v1', time: 't' } }],
  [
    'webhook.verify.0',
    { scheme: 'jwt', header: 'a', prefix: 'B ', key: { jwks: '{api}/k' }, algorithm: 'RS256', claims: {} },
  ],
  ['webhook.shapes.0.accounts', [{ agree: [{ kind: 'account', at }] }, { kind: 'account', at, when: '@.a' }]],
  [
    'webhook.handshakes',
    [{ kind: 'a', method: 'GET', proof: 'none', reply: { status: 200, json: { a: at, b: { json: true } } } }],
  ],
  [
    'webhook.handshakes',
    [{ kind: 'a', method: 'GET', proof: { token: at, secret: 'client' }, reply: { status: 200, text: at } }],
  ],
  ['identity.from', 'token'],
  [
    'identity.from',
    { method: 'GET', url: '{api}/x', auth: { basic: ['a', ''] }, page: { by: 'cursor', parameter: 'p', at: '$.n' } },
  ],
  [
    'identity.from',
    { method: 'POST', url: '{api}/x', auth: 'none', body: { json: { query: 'x' } }, page: { by: 'link' } },
  ],
  ['oauth.revoke', { call: { method: 'DELETE', url: '{api}/x' } }],
  ['oauth.reply', { access: '$.a', failedWhen: { at: '$.ok', is: 'false' }, learn: { host: '$.h' } }],
])('%s may be %j', (place, value) => {
  expect(faults(place, value)).toEqual([])
})

const aValue = 'a path such as "$.id" or "@.id", or an object with '
const forms = 'header or query or text or first or join or part or template or capture or map or base64Json or step'

test.each<[string, unknown, string]>([
  [id, 7, `webhook.shapes[0].id: it must be ${aValue}${forms}`],
  [id, '', `webhook.shapes[0].id: it must be ${aValue}${forms}`],
  [id, [], `webhook.shapes[0].id: it must be ${aValue}${forms}`],
  [id, {}, `webhook.shapes[0].id: it must be ${aValue}${forms}`],
  [id, { heder: 'x' }, `webhook.shapes[0].id: it must be ${aValue}${forms}`],
  [id, { header: 7 }, 'webhook.shapes[0].id.header: it must be a text'],
  [id, { header: 'x', first: [] }, 'webhook.shapes[0].id.first: there is no such field; known here: header'],
  [id, { first: at }, 'webhook.shapes[0].id.first: it must be a list, in [ ]'],
  [id, { first: [at, {}] }, `webhook.shapes[0].id.first[1]: it must be ${aValue}${forms}`],
  [id, { join: [at] }, 'webhook.shapes[0].id.by: it is missing'],
  [id, { part: { of: at, by: '.' } }, 'webhook.shapes[0].id.part.from: it is missing'],
  [id, { part: { of: at, by: '', from: 0 } }, 'webhook.shapes[0].id.part.by: it must be a text'],
  [id, { capture: { of: {}, pattern: '(a)' } }, `webhook.shapes[0].id.capture.of: it must be ${aValue}${forms}`],
  [id, { map: { of: at, words: { a: 1 } } }, 'webhook.shapes[0].id.map.words.a: it must be a text'],
  [when, { at }, 'webhook.shapes[0].when.is: it is missing'],
  [when, { at, is: [1] }, 'webhook.shapes[0].when.is: it must be a text, or a list of texts'],
  [
    when,
    { first: [] },
    'webhook.shapes[0].when: it must be a path such as "$.id" or "@.id", or an object with at or exists or absent or empty or equal or all',
  ],
  [
    when,
    { all: [7] },
    'webhook.shapes[0].when.all[0]: it must be a path such as "$.id" or "@.id", or an object with at or exists or absent or empty or equal or all',
  ],
  ['webhook.body', ['xml'], 'webhook.body[0]: it must be "json" or "form" or "empty", or an object with jsonField'],
  [
    'webhook.verify.0.signs',
    ['bodies'],
    'webhook.verify[0].signs[0]: it must be "body" or "method" or "url" or "secret" or "time" or "sorted-form", or an object with text or header',
  ],
  ['webhook.shapes.0.accounts', ['@.a'], 'webhook.shapes[0].accounts[0]: it must be an object with agree or kind'],
  [
    'webhook.shapes.0.accounts',
    [{ agree: [{ kind: 'a' }] }],
    'webhook.shapes[0].accounts[0].agree[0].at: it is missing',
  ],
  [
    'webhook.handshakes',
    [{ kind: 'a', method: 'GET', proof: 'trust', reply: { status: 200 } }],
    'webhook.handshakes[0].proof: it must be "none" or "signature", or an object with token',
  ],
  [
    'identity.from',
    'browser',
    'identity.from: it must be "callback" or "token" or "id-token" or "ask", or an object with url',
  ],
  ['identity.from', { url: '{api}/x' }, 'identity.from.method: it is missing'],
  [
    'identity.from',
    { method: 'GET', url: '{api}/x', page: { by: 'cursor', at: '$.n' } },
    'identity.from.page.by: it must be "url"',
  ],
  ['oauth.revoke', { url: '{api}/x', body: 'xml', field: 'token' }, 'oauth.revoke.body: it must be "json" or "form"'],
])('%s may not be %j', (place, value, fault) => {
  expect(faults(place, value)).toEqual([fault])
})
