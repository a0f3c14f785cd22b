import type { Buffer } from 'node:buffer'
import type { Account } from '../../core/account.ts'
import type { ProviderDefinition } from '../../core/definition.ts'
import { exits, WhsError } from '../../core/errors.ts'
import type { Slots } from '../../core/fill-text.ts'
import type { RecordRead } from '../../core/record-definition.ts'
import { isGone, thingIn } from '../../core/record-reading.ts'
import { type ApiPage, callName } from '../api-call.ts'
import { mendCommand } from '../broken.ts'
import type { CallDeps } from '../call-place.ts'
import { providersText } from '../said.ts'
import { tenantCall } from '../tenant-call.ts'
import { isTokenRefused } from '../token-refused.ts'

/** What is read, and as whom. */
export interface ThingPlace {
  definition: ProviderDefinition
  app: string
  tenant: string
  /** `con_…` */
  connection: string
  /** The account that the event names. */
  account: Account | null
  read: RecordRead
  slots: Slots
}

/** A thing as its provider's API tells it. */
export interface ReadThing {
  status: number
  /** It is not there any more; the answer says so. */
  deleted: boolean
  call: string
  /** The answer, whole, and where in it the thing stands. */
  body: Buffer
  start: number
  length: number
}

/** The answer is cut there by whoever makes the call. */
const largest = 8_388_608

/**
 * Reads a thing with the tenant's own token, as fast as the provider allows.
 * @throws WhsError `record-busy` (exit 10, to be tried again), `record-refused` (exit 4, 10), `record-unread` (exit 10), those of
 * `tenantCall`
 */
export async function readThing(deps: CallDeps, place: ThingPlace): Promise<ReadThing> {
  const { connection, account, read, slots } = place
  const { page: _single, ...call } = read.call
  for await (const page of tenantCall(deps, { connection, ...(account ? { account } : {}) }, call, slots)) {
    return thingOf(place, page)
  }
  throw unread(place, 'there was none')
}

function thingOf(place: ThingPlace, page: ApiPage): ReadThing {
  const { read, slots } = place
  const { status, context, verdict, answer } = page
  const { body } = answer
  const told = { status, call: callName(read.call), body, start: 0, length: body.length }
  if (isGone(read, status, context)) return { ...told, deleted: true, ...(context && thingIn(read, slots, context)) }
  if (verdict !== 'good') throw refused(place, page)
  if (body.length >= largest) throw unread(place, 'it is larger than 8 MiB')
  // What is no JSON, such as a file, is kept whole.
  if (!context) return { ...told, deleted: false }
  const thing = thingIn(read, slots, context)
  if (!thing) throw unread(place, `nothing stands there at ${read.at}`)
  return { ...told, deleted: false, ...thing }
}

function refused({ definition, read, app, tenant }: ThingPlace, page: ApiPage): WhsError {
  const { status, verdict, context, answer, slots } = page
  const said = providersText(context, answer.body, slots)
  const isToken = isTokenRefused(definition, answer)
  const mend = mendCommand({ app, tenant })
  const next = verdict === 'busy' ? 'try again later' : isToken ? mend : `whs providers show ${definition.id}`
  return new WhsError({
    code: verdict === 'busy' ? 'record-busy' : 'record-refused',
    exit: isToken ? exits.consent : exits.api,
    what: `${definition.company} answered ${status} to ${callName(read.call)}`,
    why: said === '' ? 'it said nothing more' : said,
    next: status === 403 ? `${mend} --scopes <scopes>   (where it wants a scope that was not given)` : next,
  })
}

function unread({ definition, read }: ThingPlace, fault: string): WhsError {
  return new WhsError({
    code: 'record-unread',
    exit: exits.api,
    what: `what ${definition.company} answered to ${callName(read.call)} cannot be read`,
    why: fault,
    next: `whs providers show ${definition.id}`,
  })
}
