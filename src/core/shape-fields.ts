import { each, type Field, fields, list, words } from './field-faults.ts'
import { account, condition, value } from './value-fields.ts'

/** How one item is read, of a delivery or of a feed. */
export const shape: Field = fields({
  name: 'text',
  when: condition,
  'scope?': words('app'),
  providerEvent: value,
  'event?': value,
  'events?': each('text'),
  'id?': value,
  'derived?': list(value),
  'time?': value,
  'resource?': fields({ type: value, id: value, 'deletedId?': value }),
  accounts: list(account),
  'reply?': words('handler'),
  'feed?': 'text',
})
