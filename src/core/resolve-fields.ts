import { type Field, fields, words } from './field-faults.ts'
import { call, value } from './value-fields.ts'

/** What one of the entries of `resolve` is made of. */
export const resolve: Field = fields({
  name: 'text',
  from: value,
  as: words('tenant', 'app'),
  call,
  'items?': 'text',
  'equals?': value,
  'account?': fields({ kind: 'text', at: value }),
})
