import type { App } from '../app/app.ts'
import type { Fact } from '../app/facts.ts'
import type { StoredEvent } from '../store/event-ops.ts'
import type { Io } from './io.ts'
import { accountWord } from './render/account-word.ts'
import { makeListenText } from './render/listen-text.ts'
import { factLines } from './render/records.ts'

const settleMs = 10_000

/** What the demo prints of its session, and what it waits for before it goes on. */
export interface Telling {
  onFact(fact: Fact): Promise<void>
  /** Facts that nobody needs to read while the demo prepares. */
  quiet(on: boolean): void
  facts: Fact[]
}

export function makeTelling(io: Io, app: App, version: string): Telling {
  const readEvent = (seq: number): Promise<StoredEvent | null> => app.store().read('readEvent', { seq })
  const narrow: Io = { ...io, columns: Math.min(io.columns - 3, 99) }
  const text = makeListenText({ io: narrow, version, accountWord, readEvent, eager: false })
  const facts: Fact[] = []
  let isQuiet = true
  return {
    facts,
    quiet: on => {
      isQuiet = on
    },
    async onFact(fact) {
      facts.push(fact)
      if (io.output === 'json') {
        for (const line of factLines(io, fact)) await io.out(line)
        return
      }
      const lines = await text.lines(fact)
      if (isQuiet || fact.kind === 'ready') return
      for (const line of lines) await io.out(`   ${line}`)
    },
  }
}

/** Waits until so many parts were answered; a handler that is not there is not waited for long. */
export async function settled({ facts }: Telling, attempts: number): Promise<void> {
  await seenWithin(
    () => facts.filter(fact => fact.kind === 'attempt').length >= attempts || facts.some(fact => fact.kind === 'held'),
  )
}

/** Waits until a fact was told. */
export async function seen({ facts }: Telling, test: (fact: Fact) => boolean): Promise<void> {
  await seenWithin(() => facts.some(test))
}

async function seenWithin(test: () => boolean): Promise<void> {
  for (const until = performance.now() + settleMs; performance.now() < until && !test(); ) {
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
