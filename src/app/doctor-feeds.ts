import type { Feed } from '../core/feed-definition.ts'
import { feedSecrets, feedUseText } from '../core/feed-text.ts'
import { secretFlag } from '../core/secret-flag.ts'
import { countText, durationText, safeText } from '../core/text.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { App } from './app.ts'
import { appFacts, hasSecret } from './app-facts.ts'
import { feedsOf, mayCatchUp } from './catch-up.ts'
import { type Check, ok, warning } from './check.ts'

/** What is shorter is no matter of providers, which try again; nor is a ping that is just being read. */
const longMs = 60_000

/** What the API of each app tells besides its webhooks, and what of that was not asked for yet. */
export async function* feedChecks(app: App): AsyncGenerator<Check> {
  const store = app.store()
  const byTime = new Set<string>()
  for (const stored of await store.read('listApps')) {
    const feeds = [...new Set([...feedsOf(app, stored, 'catch-up'), ...feedsOf(app, stored, 'follow-up')])]
    for (const { name, cursor } of feeds) if ('time' in cursor) byTime.add(`${stored.name} ${name}`)
    for (const feed of feeds) yield await feedCheck(app, stored, feed)
  }
  const missed = await store.read('readMissed')
  if (missed && missed.ms >= longMs && (await mayCatchUp(app, null))) {
    const detail = `since ${agoText(app, missed.from)} nobody listened for ${durationText(missed.ms)}, and what came is not caught up`
    yield warning('catch-up', detail, 'whs catchup')
  }
  for (const { app: name, feed, tenant, cursor } of await store.read('listFeedCursors')) {
    if (!byTime.has(`${name} ${feed}`)) continue
    const whose = tenant === null ? name : `${safeText(tenant)} at ${name}`
    const detail = `the feed ${feed} of ${whose} is not read to its end: what came since ${agoText(app, Number(cursor))} is lacking`
    yield warning('catch-up', detail, `whs catchup --app ${name}`)
  }
  for (const { app: name, feed, tenant, since, count } of await store.read('undonePings')) {
    if (app.now() - since < longMs) continue
    const detail = `${countText(count, 'ping')} of ${safeText(tenant)} at ${name}, the oldest ${durationText(app.now() - since)} old: the feed ${feed} is not read`
    yield warning('pings', detail, store.isListening() ? `whs catchup --app ${name}` : 'whs listen')
  }
}

function agoText(app: App, at: number): string {
  return `${durationText(Math.max(0, app.now() - at))} ago`
}

async function feedCheck(app: App, stored: StoredApp, feed: Feed): Promise<Check> {
  const name = `feed ${stored.name}`
  const facts = await appFacts(app, stored, { listener: null, port: 0 })
  const lacking = feedSecrets(feed).find(secret => !hasSecret(facts, secret))
  const use = feedUseText(feed)
  if (lacking !== undefined) {
    const { label = lacking } = facts.definition.secrets[lacking] ?? {}
    return warning(
      name,
      `without a ${label}, ${feed.name} cannot tell ${use}`,
      `whs app set ${stored.name} ${secretFlag(lacking)}`,
    )
  }
  return ok(name, `${feed.name} tells ${use}`)
}
