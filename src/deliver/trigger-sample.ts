import type { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { RawHeaders } from '../core/headers.ts'
import { didYouMean } from '../core/text.ts'

/** A provider's sample deliveries, one event each, without their signatures. */
export interface Samples {
  /** Event types of which there is a sample, per shape. */
  events: Map<string, string[]>
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
 * The sample delivery of an event type, in the first shape that has one. Without a type: the first one of the resource that
 * has the most, of a tenant and not of the platform where there is one.
 * @throws WhsError `no-sample` (exit 5) for a type of which there is none
 */
export function findSample(definition: ProviderDefinition, app: string, samples: Samples, event?: string): FoundSample {
  const found = listSamples(definition, samples)
  const wanted = event ?? usualEvent(definition, found)
  const one = found.find(sample => sample.event === wanted)
  if (!one) throw noSample(definition, app, event ?? 'any event', found)
  return { ...one, ...samples.sample(one.shape, one.event) }
}

interface Sample {
  shape: string
  event: string
}

function listSamples(definition: ProviderDefinition, { events }: Samples): Sample[] {
  return definition.webhook.shapes.flatMap(({ name: shape }) =>
    (events.get(shape) ?? []).map(event => ({ shape, event })),
  )
}

/** The resource of which a provider has most to tell is what most people wait for. */
function usualEvent(definition: ProviderDefinition, samples: Sample[]): string | undefined {
  const tenants = new Set(definition.webhook.shapes.flatMap(({ name, scope }) => (scope === 'app' ? [] : [name])))
  const ofTenants = samples.filter(({ shape }) => tenants.has(shape))
  const choice = ofTenants.length > 0 ? ofTenants : samples
  const resourceOf = ({ event }: Sample): string => event.split('.')[0] as string
  const counts = new Map<string, number>()
  for (const sample of choice) counts.set(resourceOf(sample), (counts.get(resourceOf(sample)) ?? 0) + 1)
  const most = Math.max(...counts.values())
  return choice.find(sample => counts.get(resourceOf(sample)) === most)?.event
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
