import type { Buffer } from 'node:buffer'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { RawHeaders } from '../core/headers.ts'
import { samplePath } from '../core/sample.ts'

/** What a provider's fixtures give the simulator. The layout is told in fixtures/README.md. */
export interface ProviderFixtures {
  accounts: AccountFixture[]
  deliveryHeaders: RawHeaders
  /** Event types of which there is a sample, per shape. */
  events: Map<string, string[]>
  sample(shape: string, event: string): Buffer
  /** Resource type in the provider's own word → the API's answer for one record. */
  records: Map<string, Buffer>
  /** The answer of the call that proves an account of a kind. */
  proof(kind: string): Buffer
  refusal(name: RefusalName): { status: number; body: string }
  token: Record<string, unknown>
}
export interface AccountFixture {
  name: string
  /** Account kind → value. */
  values: Record<string, string>
  /** Resource type → ids. */
  records: Record<string, string[]>
}
export type RefusalName = 'unauthorized' | 'forbidden' | 'not-found' | 'bad-request'

/**
 * Reads a provider's fixtures.
 * @throws WhsError `no-fixtures` (exit 2)
 */
export function readFixtures(definition: ProviderDefinition, dir: string): ProviderFixtures {
  if (!existsSync(join(dir, 'accounts.json'))) throw noFixtures(definition, dir)
  const bytes = (name: string): Buffer => readFileSync(join(dir, name))
  const json = <T>(name: string): T => JSON.parse(bytes(name).toString()) as T
  const names = (folder: string): string[] =>
    readdirSync(join(dir, folder)).flatMap(name => (name.endsWith('.json') ? [name.slice(0, -5)] : []))
  const shapes = definition.webhook.shapes.map(shape => shape.name)
  return {
    accounts: json('accounts.json'),
    deliveryHeaders: json('samples/headers.json'),
    events: new Map(
      shapes.map(shape => [shape, existsSync(join(dir, 'samples', shape)) ? names(`samples/${shape}`) : []]),
    ),
    sample: (shape, event) => bytes(samplePath(shape, event)),
    records: new Map(names('records').map(type => [type, bytes(`records/${type}.json`)])),
    proof: kind => bytes(`api/${kind}.json`),
    refusal: name => {
      const { status, body } = json<{ status: number; body: unknown }>(`api/${name}.json`)
      return { status, body: JSON.stringify(body) }
    },
    token: json('oauth/token.json'),
  }
}

function noFixtures(definition: ProviderDefinition, dir: string): WhsError {
  return new WhsError({
    code: 'no-fixtures',
    exit: exits.usage,
    what: `${definition.name} cannot be simulated`,
    why: `there are no fixtures in ${dir}`,
  })
}
