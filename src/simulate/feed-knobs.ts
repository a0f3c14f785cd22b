import { badChange } from './change-wish.ts'
import type { World } from './world.ts'

export interface FeedKnobsWish {
  page?: number
  silent?: boolean
  expire?: true
  retry?: true
}

/**
 * Sets what is named of `page` (the most items of a page), `silent` (changes are made, and nothing is sent), `expire` (all
 * cursors that were given are too old) and `retry` (what was not answered 2xx is sent again now). Answers how it stands.
 * @throws WhsError `bad-change` (exit 2)
 */
export async function turnFeedKnobs({ history, deliveries }: World, wish: unknown): Promise<object> {
  if (typeof wish !== 'object' || wish === null) throw badChange('it must be a JSON object')
  const { page, silent, expire, retry, ...odd } = wish as Record<string, unknown>
  const [unknown] = Object.keys(odd)
  if (unknown) throw badChange(`${unknown} is no knob of feeds; there are page, silent, expire, retry`)
  if (page !== undefined && !(Number.isSafeInteger(page) && (page as number) > 0))
    throw badChange('page must be a count')
  if (silent !== undefined && typeof silent !== 'boolean') throw badChange('silent must be true or false')
  if (page !== undefined) history.pageSize = page as number
  if (silent !== undefined) history.isSilent = silent
  if (expire === true) history.epoch++
  const again = retry === true ? await deliveries.retry() : 0
  return { page: history.pageSize, silent: history.isSilent, epoch: history.epoch, again }
}
