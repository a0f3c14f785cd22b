import type { Feed, FeedSame } from './feed-definition.ts'
import { slotsOf } from './fill-text.ts'

/** What a feed is good for: `what was missed`, `what pings leave out`. */
export function feedUseText({ use }: Pick<Feed, 'use'>): string {
  const words = { 'catch-up': 'what was missed', 'follow-up': 'what pings leave out' }
  return use.map(one => words[one]).join(' and ')
}

/** How a feed is read, in words for a person; `accountWord` is the provider's own. */
export function feedText(feed: Feed, accountWord: string): string {
  const { call, cursor, each, types, maxDays, expired } = feed
  const how = 'time' in cursor ? 'by time' : 'from the cursor that the last answer gave'
  const whose = {
    account: `each ${accountWord}`,
    resource: 'each hook’s resource',
    activation: 'each hook',
    app: 'the app',
  }
  const calls = [call, ...(each ? [each.call] : [])].map(({ method, url }) => `${method} ${url}`).join(', then ')
  return [
    `${feedUseText(feed)}: ${calls}`,
    `for ${whose[feed.per]}, ${how}`,
    ...(types ? [`for ${types.length} types`] : []),
    sameText(feed.same),
    ...(maxDays === undefined ? [] : [`${maxDays} days back`]),
    ...(expired ? ['a cursor that is too old begins anew'] : []),
  ].join('; ')
}

function sameText(same: FeedSame): string {
  if (typeof same === 'object') return 'known again by resource and time'
  return same === 'id' ? 'known again by its id' : 'each answer is new'
}

/** The secrets of the app that a feed’s calls need. */
export function feedSecrets({ call, each }: Feed): string[] {
  const slots = slotsOf(JSON.stringify([call, each?.call ?? null]))
  return [...new Set(slots.flatMap(slot => (slot.startsWith('secret.') ? [slot.slice('secret.'.length)] : [])))]
}
