import { exits, WhsError } from '../../core/errors.ts'
import type { Call } from '../../core/value-definition.ts'
import { type ApiPage, callName } from '../api-call.ts'
import { providersText } from '../said.ts'
import type { FeedPlace } from './feed-place.ts'

/** The provider did not answer a call of a feed: with its words, and what mends it where a token is refused. */
export function feedRefused(
  place: FeedPlace,
  call: Call,
  { status, verdict, context, answer, slots }: ApiPage,
): WhsError {
  const { app, connection, definition } = place
  const said = providersText(context, answer.body, slots)
  const isToken = status === 401 || status === 403
  const next =
    verdict === 'busy'
      ? 'try again later'
      : isToken && connection
        ? `whs connect ${app.name} --tenant ${connection.tenant}`
        : `whs providers show ${definition.id}`
  return new WhsError({
    code: 'feed-refused',
    exit: isToken ? exits.consent : exits.api,
    what: `${definition.company} answered ${status} to ${callName(call)}`,
    why: said === '' ? 'it said nothing more' : said,
    next,
  })
}

/** What came back cannot be read. */
export function badAnswer({ definition }: FeedPlace, call: Call, fault: string): WhsError {
  return new WhsError({
    code: 'bad-answer',
    exit: exits.api,
    what: `what ${definition.company} answered to ${callName(call)} cannot be read`,
    why: fault,
    next: `whs providers show ${definition.id}`,
  })
}
