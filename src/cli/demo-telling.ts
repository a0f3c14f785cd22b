import type { App } from '../app/app.ts'
import type { Fact } from '../app/facts.ts'
import type { StoredEvent } from '../store/event-ops.ts'
import { type Io, ReaderGone } from './io.ts'
import { accountWord } from './render/account-word.ts'
import { factRecords } from './render/fact-records.ts'
import { makeListenText } from './render/listen-text.ts'

const settleMs = 10_000

/** What the demo waits for before it goes on. */
type Seen = 'attempt' | 'held' | 'owned' | 'parked' | 'rejected'

/** What the demo prints of its session. */
export interface Telling {
  onFact(fact: Fact): Promise<void>
  /** Facts that nobody needs to read while the demo prepares. */
  quiet(on: boolean): void
  /** Resolves to what was seen, when it was seen so often; at the latest after ten seconds. */
  until(test: (seen: Record<Seen, number>) => boolean): Promise<Record<Seen, number>>
}

/** The story tells of consents itself. */
function isOfConsent(fact: Fact): boolean {
  return fact.kind === 'event' && fact.event.source === 'lifecycle'
}

export function makeTelling(io: Io, app: App, version: string): Telling {
  const readEvent = (seq: number): Promise<StoredEvent | null> => app.store().read('readEvent', { seq })
  const narrow: Io = { ...io, columns: io.columns - 3 }
  const text = makeListenText({ io: narrow, version, accountWord, readEvent, eager: false, namesApp: false })
  const seen: Record<Seen, number> = { attempt: 0, held: 0, owned: 0, parked: 0, rejected: 0 }
  let isQuiet = true

  function count(fact: Fact): void {
    if (isOfConsent(fact)) return
    if (fact.kind === 'event') seen[fact.event.scope === 'parked' ? 'parked' : 'owned']++
    else if (fact.kind === 'attempt' || fact.kind === 'held' || fact.kind === 'rejected') seen[fact.kind]++
  }

  async function print(fact: Fact): Promise<void> {
    if (io.output === 'json') {
      for (const line of factRecords(io, fact)) await io.out(line)
      return
    }
    if (isOfConsent(fact)) return
    const lines = await text.lines(fact)
    if (isQuiet || fact.kind === 'ready') return
    for (const line of lines) await io.out(`   ${line.replaceAll('\n', '\n   ')}`)
  }

  return {
    quiet: on => {
      isQuiet = on
    },
    async onFact(fact) {
      try {
        await print(fact)
      } catch (error) {
        // The story itself finds out that nobody reads any more, and ends.
        if (!(error instanceof ReaderGone)) throw error
      }
      count(fact)
    },
    async until(test) {
      for (const end = performance.now() + settleMs; performance.now() < end && !test(seen); ) {
        await new Promise(resolve => setTimeout(resolve, 20))
      }
      return seen
    },
  }
}
