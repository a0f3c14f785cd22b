import { countText, durationText, safeText } from '../core/text.ts'
import type { App } from './app.ts'
import { type Check, ok, warning } from './check.ts'

const long = 3_600_000
const parkedShown = 5

/** What waits, what no handler took, what nobody owns, what is ignored, and whether the store's times can be true. */
export async function* flowChecks(app: App): AsyncGenerator<Check> {
  const store = app.store()
  const now = app.now()
  const newest = await store.read('lastEvent', { failed: false })
  if (newest && newest.receivedAt > now + 60_000) {
    const ahead = durationText(newest.receivedAt - now)
    yield warning('clock', `the newest event came ${ahead} in the future`, 'set the clock of this machine')
  }
  const { open, untaken, oldestAt } = await store.read('countOpen')
  const age = oldestAt === null ? 0 : now - oldestAt
  const waits = `${countText(open, 'forward waits', 'forwards wait')}, the oldest ${durationText(Math.max(0, age))} old`
  if (untaken > 0) yield warning('open', `${waits}; ${untaken} of them no rule takes`, 'whs listen --forward <target>')
  else if (age > long) yield warning('open', waits, 'whs listen --forward <target>')
  else yield ok('open', open === 0 ? 'nothing waits' : waits)
  const { failed } = await store.read('countFailed')
  if (failed > 0)
    yield warning(
      'failed',
      `${countText(failed, 'forward was', 'forwards were')} given up or refused for good`,
      'whs events --failed',
    )
  yield* parkedChecks(app)
  for (const { app: name, value, times } of await store.read('countIgnored')) {
    const whose = value === '*' ? 'every unknown account' : `account ${safeText(value)}`
    yield ok('ignored', `${whose} of ${name}: ${countText(times, 'event')} so far`)
  }
}

async function* parkedChecks(app: App): AsyncGenerator<Check> {
  const parked = await app.store().read('countParked')
  for (const { app: name, account, reason, events } of parked.slice(0, parkedShown)) {
    const isClaimable = account !== null && reason === 'unknown-account'
    const detail = isClaimable
      ? `${countText(events, 'event')} of ${safeText(account)} at ${name}`
      : `${countText(events, 'event')} of ${name}: ${reason}`
    const claim = `whs tenants map <tenant> --app ${name} --account ${account}`
    yield warning('parked', detail, isClaimable ? claim : `whs events --parked --app ${name}`)
  }
  const more = parked.length - parkedShown
  if (more > 0) yield warning('parked', `${more} more accounts that nobody owns`, 'whs events --parked')
}
