/** The last word of an event type, as providers say it → as whs says it. */
const words = new Map(
  Object.entries({
    create: 'created',
    creation: 'created',
    add: 'created',
    added: 'created',
    insert: 'created',
    inserted: 'created',
    new: 'created',
    update: 'updated',
    change: 'updated',
    changed: 'updated',
    edit: 'updated',
    edited: 'updated',
    modified: 'updated',
    delete: 'deleted',
    remove: 'deleted',
    removed: 'deleted',
    deletion: 'deleted',
    destroy: 'deleted',
    destroyed: 'deleted',
    merge: 'merged',
    void: 'voided',
    email: 'emailed',
    restore: 'restored',
    archive: 'archived',
  }),
)

/**
 * The event type that filters and people see: lower case, `/` and `:` become `.`, the last word is said in one way
 * (`Invoice.Create` → `invoice.created`). Nothing is singularised. The provider's own type is kept beside it.
 */
export function normaliseEvent(providerEvent: string): string {
  const pieces = providerEvent.toLowerCase().replace(/[/:]/g, '.').split('.')
  const last = pieces.pop() as string
  return [...pieces, words.get(last) ?? last].join('.')
}
