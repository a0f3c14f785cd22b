import type { Filter } from '../core/filter.ts'
import type { App } from './app.ts'
import type { Fact } from './facts.ts'
import { tendFeeds } from './tend-feeds.ts'
import { tendRecords } from './tend-records.ts'
import { tendResolutions } from './tend-resolutions.ts'
import { tendTokens } from './tend-tokens.ts'

/** Everything that the providers' APIs are asked for while a listener runs, besides hooks. */
export interface ProviderTending {
  /** Ends each in order, at most after this time. */
  stop(limitMs: number): Promise<void>
}

/** Looks after tokens, feeds, things to be fetched and whose deliveries are. `from` is the newest event before this listener took any. */
export function tendProviders(
  app: App,
  options: { catchUp?: boolean; fetch?: boolean; filter: Filter },
  from: number,
  tell: (fact: Fact) => void,
): ProviderTending {
  const { catchUp = false, filter } = options
  const cares = [
    tendTokens(app, tell),
    tendFeeds(app, { catchUp, tell }),
    tendRecords(app, { isWished: options.fetch === true, from, filter, tell }),
    tendResolutions(app, tell),
  ]
  return {
    async stop(limitMs) {
      await Promise.all(cares.map(one => one.stop(limitMs)))
    },
  }
}
