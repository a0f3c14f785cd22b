import { Buffer } from 'node:buffer'
import type { ActivationApi, RefusalMeaning } from '../../core/activation-definition.ts'
import type { Call } from '../../core/value-definition.ts'
import type { Reply } from '../../net/door.ts'
import { makeHold } from './write-answer.ts'

const usual: Record<RefusalMeaning, { status: number; words: string }> = {
  scope: { status: 403, words: 'The token lacks a scope that webhooks need.' },
  plan: { status: 402, words: 'The plan of this account has no webhooks.' },
  quota: { status: 429, words: 'There are as many webhooks as there may be.' },
  taken: { status: 409, words: 'Such a webhook stands already.' },
  gone: { status: 404, words: 'There is no such webhook.' },
  unreachable: { status: 400, words: 'The URL did not answer as it must.' },
  token: { status: 401, words: 'The token is not good.' },
}

/** A refusal of a call about hooks, as the definition says that this provider means it, else in the usual way. */
export function refuseHook({ refusals }: ActivationApi, call: Call, means: RefusalMeaning): Reply {
  const known = refusals?.find(one => one.means === means)
  const { words, status } = usual[means]
  const plain = Buffer.from(JSON.stringify({ error: means, message: words }))
  const told = known?.when === undefined ? plain : makeHold(plain, known.when)
  const said = [known?.status ?? status].flat()[0] ?? status
  const body = said < 300 && call.failedWhen !== undefined ? makeHold(told, call.failedWhen) : told
  const headers = { 'content-type': 'application/json', ...(said === 429 ? { 'retry-after': '1' } : {}) }
  return { status: said, headers, body }
}
