import { type Field, fields, list, words } from './field-faults.ts'
import { shape } from './shape-fields.ts'
import { call, condition, value } from './value-fields.ts'

const start: Field = { forms: { text: { text: 'text' }, call: { call, at: value } } }
const cursor: Field = {
  forms: {
    time: { time: fields({ overlapSeconds: 'number' }) },
    at: { at: value, 'more?': condition, start },
  },
}
const same: Field = { forms: { withinSeconds: { withinSeconds: 'number' } }, words: ['id', 'cursor'] }

/** What one of the `feeds` of a definition is made of. */
export const feed: Field = fields({
  name: 'text',
  use: list(words('follow-up', 'catch-up')),
  per: words('account', 'resource', 'activation', 'app'),
  'account?': 'text',
  call,
  'types?': list('text'),
  cursor,
  'each?': fields({ items: 'text', 'where?': condition, item: value, id: value, time: value, call }),
  split: list('text'),
  shapes: list(shape),
  same,
  'newestFirst?': 'true or false',
  'expired?': fields({ status: 'number', 'when?': condition }),
  'maxDays?': 'number',
})
