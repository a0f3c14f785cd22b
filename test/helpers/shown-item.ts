import type { IngestedItem } from '../../src/core/read-item.ts'

/** An item as `expect.items` of the fixtures writes it. */
export function shownItem(item: IngestedItem): object {
  const { event, providerEvent, providerEventId, resource, occurredAt, pointer, shape, scope } = item
  const accounts = item.accounts.map(entry => entry.map(({ kind, value }) => `${kind}:${value}`).join(' = '))
  const unreadable = item.fault === null ? {} : { unreadable: true }
  const told = scope === null ? {} : { scope }
  return {
    event,
    providerEvent,
    accounts,
    providerEventId,
    resource,
    occurredAt,
    pointer,
    shape,
    ...told,
    ...unreadable,
  }
}
