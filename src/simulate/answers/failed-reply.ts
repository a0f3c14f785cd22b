import type { Reply } from '../../net/door.ts'
import type { Failure } from '../knobs.ts'

export const jsonType = { 'content-type': 'application/json;charset=UTF-8' }

/** The answer that somebody has set to come. */
export function failedReply({ status, headers, body }: Failure): Reply {
  return { status, headers: { ...jsonType, ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) }
}
