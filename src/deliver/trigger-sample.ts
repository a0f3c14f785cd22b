import type { Buffer } from 'node:buffer'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { RawHeaders } from '../core/headers.ts'
import { samplePath } from '../core/sample.ts'
import type { Signable } from '../core/sign.ts'
import { didYouMean } from '../core/text.ts'

/**
 * The sample delivery of an event type from a provider's fixtures (`dir`), in the first shape that has one. Without a
 * type: the first one of the resource that has the most.
 * @throws WhsError `no-sample` (exit 5) for a type of which there is none
 */
export function readSample(definition: ProviderDefinition, dir: string, event?: string): Signable & { event: string } {
  const found = listSamples(definition, dir)
  const wanted = event ?? usualEvent(found)
  const one = found.find(sample => sample.event === wanted)
  if (!one) throw noSample(definition, event ?? 'any event', found)
  const headers = JSON.parse(readFileSync(join(dir, 'samples', 'headers.json'), 'utf8')) as RawHeaders
  const body: Buffer = readFileSync(join(dir, samplePath(one.shape, one.event)))
  return { headers, body, event: one.event }
}

interface Sample {
  shape: string
  event: string
}

function listSamples(definition: ProviderDefinition, dir: string): Sample[] {
  return definition.webhook.shapes.flatMap(({ name: shape }) => {
    const folder = join(dir, 'samples', shape)
    const files = existsSync(folder) ? readdirSync(folder).sort() : []
    return files.flatMap(file => (file.endsWith('.json') ? [{ shape, event: file.slice(0, -5) }] : []))
  })
}

/** The resource of which a provider has most to tell is what most people wait for. */
function usualEvent(samples: Sample[]): string | undefined {
  const resourceOf = ({ event }: Sample): string => event.split('.')[0] as string
  const counts = new Map<string, number>()
  for (const sample of samples) counts.set(resourceOf(sample), (counts.get(resourceOf(sample)) ?? 0) + 1)
  const most = Math.max(...counts.values())
  return samples.find(sample => counts.get(resourceOf(sample)) === most)?.event
}

function noSample(definition: ProviderDefinition, event: string, found: Sample[]): WhsError {
  const events = [...new Set(found.map(sample => sample.event))]
  const near = didYouMean(event, events)
  return new WhsError({
    code: 'no-sample',
    exit: exits.unknown,
    what: `there is no sample of ${event} for ${definition.name}`,
    why: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are: ${events.join(', ') || 'none'}`,
    next: `whs trigger ${definition.id}${events[0] ? `:${near[0] ?? events[0]}` : ''}`,
  })
}
