import { expect, test } from 'vitest'
import type { Activation, ActivationApi } from '../../../src/core/activation-definition.ts'
import { apiFaults } from '../../../src/core/activation-faults.ts'

const call = { method: 'POST', url: '{api}/hooks' } as const
const listing = { call, items: '$.hooks[*]', id: '@.id' }
const api: ActivationApi = { create: call, made: { id: '$.id' }, remove: call }

function faults(more: Partial<ActivationApi>, about: Partial<Activation> = {}): string[] {
  return apiFaults({ per: 'tenant', by: 'api', steps: ['x'], ...about, api: { ...api, ...more } })
}

test('hooks by API that are right have no fault', () => {
  expect(faults({})).toEqual([])
  expect(apiFaults({ per: 'tenant', by: 'portal', steps: ['x'] })).toEqual([])
  const all: Partial<ActivationApi> = {
    per: 'resource',
    resources: { ...listing, name: '@.name', usual: { at: '@.primary', is: 'true' } },
    list: { ...listing, url: '@.url', keep: { tag: '@.tag' }, expires: { at: '@.end', unit: 's' } },
    create: { ...call, body: { json: { key: '{secret}' } } },
    made: { id: { chosen: '{resource}' }, keep: { tag: '$.tag' }, expires: { at: '$.end', unit: 's' } },
    renew: { call, expires: { at: '$.end', unit: 's' } },
    move: 'remove-first',
    refusals: [{ status: 200, when: '$.error', means: 'taken' }],
  }
  expect(faults(all, { secret: 'chosen' })).toEqual([])
})

test.each<[string, Partial<ActivationApi>, Partial<Activation>?]>([
  ['what is made in the portal alone has no api', {}, { by: 'portal' }],
  ['api.resources must say what hooks can be for', { per: 'resource' }],
  ['api.resources is there, but hooks are not one a resource', { resources: listing }],
  ['api.renew is there, but nothing says when a hook ends', { renew: 'again' }],
  [
    'api.made has both secret and secretBy',
    { made: { id: '$.id', secret: '$.secret', secretBy: { call, at: '$.secret' } } },
    { secret: 'given' },
  ],
  ['api.made has a secret, but we choose it', { made: { id: '$.id', secret: '$.secret' } }, { secret: 'chosen' }],
  [
    'api.create sends a secret, but secret is not "chosen"',
    { create: { ...call, body: { form: { user: '{secretUser}' } } } },
    { secret: 'given' },
  ],
  ['api.remove must say how the old hook is removed', { move: 'remove-first', remove: undefined }],
  ['api.remove must say how the old hook is removed', { renew: 'anew', remove: undefined }, { days: 7 }],
  ['api.list.keep and api.made.keep must have the same names', { list: { ...listing, keep: { tag: '@.tag' } } }],
  ['api: path "id" must begin with $ or @', { made: { id: 'id' } }],
  ['api: [*] in $.all[*].id follows no split', { made: { id: '$.all[*].id' } }],
  ['api: @.hooks must begin with $', { list: { ...listing, items: '@.hooks' } }],
  ['api: path "url" must begin with $ or @', { list: { ...listing, url: 'url' } }],
  ['api: path "end" must begin with $ or @', { list: { ...listing, expires: { at: 'end', unit: 's' } } }],
  ['api: path "tag" must begin with $ or @', { made: { id: '$.id', keep: { tag: 'tag' } } }],
  ['api: path "error" must begin with $ or @', { refusals: [{ status: 200, when: 'error', means: 'taken' }] }],
  [
    'api: path "primary" must begin with $ or @',
    { per: 'resource', resources: { ...listing, usual: { at: 'primary', is: 'true' } } },
  ],
])('it says: %s', (fault, more, about) => {
  expect(faults(more, about)).toContain(fault)
})
