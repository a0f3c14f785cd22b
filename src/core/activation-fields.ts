import { each, type Field, fields, list, words } from './field-faults.ts'
import { call, callFields, condition, value } from './value-fields.ts'

const scope = words('app', 'tenant', 'resource')
const moment: Field = fields({ at: value, unit: words('iso', 's', 'ms') })
const listing = { call, items: 'text', 'where?': condition, id: value } satisfies Record<string, Field>
/** A value, or what we choose ourselves. */
const madeId: Field = { ...value, forms: { ...value.forms, chosen: { chosen: 'text' } } }
const meaning = words('scope', 'plan', 'quota', 'taken', 'gone', 'unreachable', 'token')

const api: Field = fields({
  'per?': scope,
  'resources?': {
    forms: {
      all: { all: list(fields({ id: 'text', name: 'text', 'usual?': 'true or false', 'types?': list('text') })) },
      call: { ...listing, 'name?': value, 'usual?': condition },
    },
  },
  'list?': fields({
    ...listing,
    'url?': value,
    'resource?': value,
    'expires?': moment,
    'secret?': value,
    'keep?': each(value),
  }),
  create: call,
  made: fields({
    id: madeId,
    'secret?': value,
    'secretBy?': fields({ call, at: value }),
    'expires?': moment,
    'keep?': each(value),
  }),
  'renew?': { forms: { call: { call, 'expires?': moment } }, words: ['again', 'anew'] },
  'move?': { forms: { url: callFields }, words: ['remove-first'] },
  'remove?': call,
  'marginHours?': 'number',
  'scopes?': list('text'),
  'refusals?': list(fields({ status: 'number or numbers', 'when?': condition, means: meaning })),
})

/** What `activation` of a definition is made of. */
export const activation: Field = fields({
  per: scope,
  by: words('portal', 'api', 'either'),
  'keyed?': 'true or false',
  'secret?': words('given', 'chosen'),
  'kind?': 'text',
  'noun?': 'text',
  'days?': 'number',
  steps: list('text'),
  'api?': api,
})
