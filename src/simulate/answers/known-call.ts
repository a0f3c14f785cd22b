import type { Buffer } from 'node:buffer'
import type { Call } from '../../core/value-definition.ts'
import type { Reply, RouteRequest } from '../../net/door.ts'
import type { Company } from '../companies.ts'
import type { RefusalName } from '../fixtures.ts'
import type { ActivationCall } from '../knobs.ts'

/** A call of the definition with what it is answered, for whoever may make it. */
export interface KnownCall {
  call: Call
  /** What it is of the activation API; absent: something else. */
  activation?: ActivationCall
  /** It is about the app itself, and needs no company. */
  ofApp?: boolean
  /** Two calls of a definition may be the same request (one that sets what is there or not): whether it means this one. */
  isMeant?(caller: Caller, slots: Record<string, string>): boolean
  answer(caller: Caller, slots: Record<string, string>, request: RouteRequest): Answered | Promise<Answered>
}

/** JSON of status 200, the name of a refusal, or an answer of its own. */
export type Answered = Buffer | RefusalName | Reply

export interface Caller {
  clientId: string
  /** Those that it may see, of which the request speaks. */
  companies: Company[]
  /** Of its token; null where the app's own credentials came. */
  scope: string | null
}
