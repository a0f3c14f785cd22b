import type { ProviderDefinition } from './definition.ts'
import type { Feed } from './feed-definition.ts'
import { slotsOf } from './fill-text.ts'
import type { Call } from './value-definition.ts'
import { itemsFaults, valueFaults, whenFaults } from './value-faults.ts'
import { shapeFaults, twiceFaults } from './webhook-faults.ts'

/** What is wrong with what a definition says of its feeds, besides their calls, each sentence behind the feed it is about. */
export function feedsFaults(definition: ProviderDefinition): string[] {
  const { feeds = [], webhook } = definition
  const names = feeds.map(({ name }) => name)
  return feeds.flatMap((feed, index) => {
    const faults = [
      ...useFaults(
        feed,
        webhook.shapes.some(shape => shape.feed === feed.name),
      ),
      ...placeFaults(definition, feed),
      ...cursorFaults(feed),
      ...readFaults(definition, feed),
    ]
    if (names.indexOf(feed.name) < index) faults.push('its name is there twice')
    return faults.map(fault => `feed ${feed.name}: ${fault}`)
  })
}

function useFaults({ use }: Feed, isNamed: boolean): string[] {
  if (use.length === 0) return ['use: it is for nothing; catch-up, or follow-up']
  if (use.includes('follow-up') && !isNamed) return ['use: it is a follow-up, but no shape of webhook names it (feed)']
  return []
}

function placeFaults({ activation, accounts }: ProviderDefinition, { per, account, shapes }: Feed): string[] {
  const faults: string[] = []
  const kinds = accounts.map(({ kind }) => kind)
  if (account !== undefined && !kinds.includes(account)) faults.push(`account: there is no kind ${account}`)
  if (per === 'resource' && activation.per !== 'resource')
    faults.push('per: hooks are not one a resource (activation.per)')
  if (per === 'activation' && activation.per === 'app') faults.push('per: the app has one hook for all tenants')
  if (per === 'app' && shapes.some(shape => shape.scope !== 'app' && shape.accounts.length === 0))
    faults.push('shapes: it is read for the whole app, so each must say whose an item is (accounts)')
  return faults
}

function cursorFaults(feed: Feed): string[] {
  const { call, cursor, same, types, each, newestFirst, shapes, expired } = feed
  const faults: string[] = []
  const slots = slotsOf(JSON.stringify(call))
  const isTime = 'time' in cursor
  if (!isTime && !slots.includes('cursor')) faults.push('call: it sends no {cursor}')
  if (isTime && !slots.some(slot => slot.startsWith('since.')) && !newestFirst)
    faults.push('call: it sends no time, such as {since.iso}, and its items do not come newest first (newestFirst)')
  if (types && !slots.includes('types') && !slots.includes('type')) faults.push('call: it sends no {types} or {type}')
  if (!isTime && types && slots.includes('type')) faults.push('types: {type} goes with a time, not with a cursor')
  if (isTime && same === 'cursor')
    faults.push('same: a time overlaps, so items must be recognised by id or by resource')
  if (same === 'cursor' && call.page) faults.push('same: pages lie between two cursors, so items need an id')
  if (same === 'id' && !each && shapes.some(shape => shape.id === undefined)) faults.push('same: a shape has no id')
  if (typeof same === 'object' && shapes.some(({ resource, time }) => resource === undefined || time === undefined))
    faults.push('same: a shape has no resource or no time')
  if (isTime && !each && shapes.some(({ time }) => time === undefined)) faults.push('cursor: a shape has no time')
  if (each && (!isTime || !callHas(each.call, 'item')))
    faults.push('each: its call must send {item}, and its cursor be a time')
  if (isTime && expired) faults.push('expired: a time does not end; maxDays says how far back it answers')
  return faults
}

function callHas(call: Call, slot: string): boolean {
  return slotsOf(JSON.stringify(call)).includes(slot)
}

function readFaults(definition: ProviderDefinition, feed: Feed): string[] {
  const { split, shapes, cursor, each, expired } = feed
  const faults = split.flatMap(itemsFaults)
  if (split.length === 0) faults.push('split: it names no path')
  if (shapes.length === 0) faults.push('shapes: it has no shape')
  for (const shape of shapes) {
    faults.push(...shapeFaults(definition, shape, split).map(fault => `shape ${shape.name}: ${fault}`))
  }
  faults.push(...twiceFaults(shapes))
  if ('at' in cursor) {
    faults.push(...valueFaults(cursor.at, []), ...(cursor.more ? whenFaults(cursor.more, []) : []))
    if ('at' in cursor.start) faults.push(...valueFaults(cursor.start.at, []))
  }
  if (each) {
    const { items, where, item, id, time } = each
    faults.push(...itemsFaults(items), ...[item, id, time].flatMap(value => valueFaults(value, [items])))
    if (where) faults.push(...whenFaults(where, [items]))
  }
  if (expired?.when) faults.push(...whenFaults(expired.when, []))
  return faults
}
