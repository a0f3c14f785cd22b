import type { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { normaliseEvent } from '../core/event-type.ts'
import type { RawHeaders } from '../core/headers.ts'
import { providerEventOf } from '../core/sample-event.ts'
import { didYouMean } from '../core/text.ts'

/** A provider's sample deliveries, one event each, without their signatures. */
export interface Samples {
  /** Event types of which there is a sample, per shape. */
  events: Map<string, string[]>
  /** The one that people wait for most. */
  usual?: string
  sample(shape: string, event: string): { headers: RawHeaders; body: Buffer }
}

/** The sample of an event, with the shape that it is in. */
export interface FoundSample {
  shape: string
  event: string
  headers: RawHeaders
  body: Buffer
}

/**
 * The sample delivery of an event type (normalised, or in the provider's own spelling), in the first shape that has one, a
 * tenant's before the platform's. Without a type: of the usual one, else of the first.
 * @throws WhsError `no-sample` (exit 5) for a type of which there is none
 */
export function findSample(definition: ProviderDefinition, app: string, samples: Samples, event?: string): FoundSample {
  const found = listSamples(definition, samples)
  const one =
    event === undefined
      ? (found.find(sample => sample.event === samples.usual) ?? found[0])
      : (found.find(sample => sample.event === event) ?? found.find(isOf(definition, samples, event)))
  if (!one) throw noSample(definition, app, event ?? 'any event', found)
  return { ...one, ...samples.sample(one.shape, one.event) }
}

/** Whether a sample is of an event type in the provider's own spelling. */
function isOf(definition: ProviderDefinition, samples: Samples, providerEvent: string): (sample: Sample) => boolean {
  const wanted = providerEvent.toLowerCase()
  return ({ shape, event }) => {
    if (event === normaliseEvent(providerEvent)) return true
    return providerEventOf(definition, samples.sample(shape, event))?.toLowerCase() === wanted
  }
}

interface Sample {
  shape: string
  event: string
}

function listSamples(definition: ProviderDefinition, { events }: Samples): Sample[] {
  const shapes = [...definition.webhook.shapes].sort(
    (one, other) => Number(one.scope === 'app') - Number(other.scope === 'app'),
  )
  return shapes.flatMap(({ name: shape }) => (events.get(shape) ?? []).map(event => ({ shape, event })))
}

function noSample(definition: ProviderDefinition, app: string, event: string, found: Sample[]): WhsError {
  const events = [...new Set(found.map(sample => sample.event))]
  const near = didYouMean(event, events)
  return new WhsError({
    code: 'no-sample',
    exit: exits.unknown,
    what: `there is no sample of ${event} for ${definition.name}`,
    why: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are: ${events.join(', ') || 'none'}`,
    next: `whs trigger ${app}${events[0] ? `:${near[0] ?? events[0]}` : ''}`,
  })
}
