import { each, type Field, fields, list, words } from './field-faults.ts'
import { callFields, condition } from './value-fields.ts'

/** How the API is called as a tenant. */
export const api: Field = fields({
  'base?': 'text',
  'headers?': each('text'),
  'auth?': callFields['auth?'] as Field,
  'body?': words('form'),
  'failedWhen?': condition,
  'page?': callFields['page?'] as Field,
  'refused?': list(fields({ status: 'number or numbers', 'when?': condition })),
  'limits?': fields({ 'calls?': 'number', 'seconds?': 'number', 'concurrent?': 'number' }),
})

/** What an event says of the consent. */
export const lifecycle: Field = fields({
  events: list('text'),
  'when?': condition,
  means: words('revoked', 'broken', 'active'),
  why: 'text',
})
