import { each, type Field, fields, list } from './field-faults.ts'
import { call, condition, value } from './value-fields.ts'

/** What one of the readings of `record` is made of. */
export const record: Field = fields({
  words: each('text'),
  call,
  at: 'text',
  'slots?': each(value),
  'gone?': list(fields({ status: 'number or numbers', when: condition })),
})
