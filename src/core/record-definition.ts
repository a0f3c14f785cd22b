import type { Call, Path, Value, When } from './value-definition.ts'

/**
 * Reading changed things with the tenant's token: the first reading that has a word for a thing's type is taken. Its call has
 * the slots `resourceType`, `resourceId`, `resource` (the API's word) and its own, besides the usual ones.
 */
export interface RecordRead {
  /** The resource types that it reads, as events name them in whichever case, each with the API's word for it. */
  words: Record<string, string>
  call: Call
  /** Where the thing stands in a good answer; `{resource}` and `{resourceType}` are filled in. `$` is all of it. */
  at: Path
  /** More slots, read from the event's own item. */
  slots?: Record<string, Value>
  /** What says that the thing is not there any more, besides the statuses 404 and 410. */
  gone?: { status: number | number[]; when: When }[]
}
