import type { ProviderDefinition } from '../core/definition.ts'
import { readItems } from '../core/ingest.ts'
import { readingFor } from '../core/record-reading.ts'
import type { ProviderFixtures } from './fixtures.ts'

/** What the samples of one event say of it. */
export interface EventKind {
  event: string
  /** The provider's own word for it. */
  providerEvent: string
  /** Shapes in which there is a sample. */
  shapes: string[]
  /** What it is about, in the provider's own word; null where it is about nothing. */
  type: string | null
  /** The id that stands in the sample: the form of such ids. */
  form: string
  /** The platform's own event, of no company. */
  isApp: boolean
}

/** The events that can be sent, read from the samples when they are first asked for. */
export interface Catalogue {
  list(): EventKind[]
  /** A company's event, else the platform's own of that name; the other way round where that, or its shape, is meant. */
  get(event: string, meant?: { own?: boolean; shape?: string | undefined }): EventKind | undefined
}

export function openCatalogue(definition: ProviderDefinition, fixtures: ProviderFixtures): Catalogue {
  let made: Map<string, EventKind> | undefined
  const events = (): Map<string, EventKind> => {
    made ??= readEvents(definition, fixtures)
    return made
  }
  return {
    list: () => [...events().values()],
    get(event, { own = false, shape } = {}) {
      const known = [own, !own].flatMap(isApp => events().get(keyOf(event, isApp)) ?? [])
      return known.find(({ shapes }) => shape !== undefined && shapes.includes(shape)) ?? known[0]
    },
  }
}

function readEvents(definition: ProviderDefinition, fixtures: ProviderFixtures): Map<string, EventKind> {
  const known = new Map<string, EventKind>()
  const words = [...fixtures.recordTypes, ...fixtures.accounts.flatMap(({ records }) => Object.keys(records ?? {}))]
  for (const [shape, events] of fixtures.events) {
    for (const event of events) {
      const isApp = definition.webhook.shapes.some(one => one.name === shape && one.scope === 'app')
      const key = keyOf(event, isApp)
      const there = known.get(key)
      if (there) there.shapes.push(shape)
      else known.set(key, { event, shapes: [shape], isApp, ...readSample(definition, fixtures, shape, event, words) })
    }
  }
  return known
}

function keyOf(event: string, isApp: boolean): string {
  return `${isApp ? 'own' : 'company'} ${event}`
}

function readSample(
  definition: ProviderDefinition,
  fixtures: ProviderFixtures,
  shape: string,
  event: string,
  words: string[],
): Pick<EventKind, 'type' | 'form' | 'providerEvent'> {
  const [item] = readItems(definition, { method: 'POST', ...fixtures.sample(shape, event) })
  const said = item?.resource
  const providerEvent = item?.providerEvent ?? event
  if (!said) return { type: null, form: '', providerEvent }
  const type = words.find(word => isWordOf(definition, word, said.type)) ?? said.type
  return { type, form: said.id, providerEvent }
}

/** Whether a record type is the one that a delivery names: in its word, or in the API's. */
function isWordOf(definition: ProviderDefinition, word: string, said: string): boolean {
  const one = word.toLowerCase()
  return one === said.toLowerCase() || readingFor(definition, said)?.word.toLowerCase() === one
}
