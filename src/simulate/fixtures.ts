import { Buffer } from 'node:buffer'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProviderDefinition } from '../core/definition.ts'
import { header, type RawHeaders, setHeader } from '../core/headers.ts'
import { madeFixtures } from './made-fixtures.ts'

/** What a provider's fixtures give the simulator, read when it is asked for. The layout is told in fixtures/README.md. */
export interface ProviderFixtures {
  accounts: AccountFixture[]
  /** Event types of which there is a sample, per shape. */
  events: Map<string, string[]>
  /** The event that people wait for most. */
  usual?: string
  /** A sample as it would arrive, without its signature. */
  sample(shape: string, event: string): { headers: RawHeaders; body: Buffer }
  /** Resource types in the provider's own word, of which there is a record. */
  recordTypes: string[]
  /** The API's answer for one record. */
  record(type: string): Buffer
  /** The answer of a call of the definition; an empty object where there is none. */
  answer(name: AnswerName): Buffer
  /** Undefined where the provider's own refusal is not known. */
  refusal(name: RefusalName): { status: number; body: string } | undefined
  token: Buffer
}
export interface AccountFixture {
  name: string
  /** Account kind → value. */
  values: Record<string, string>
  /** What is asked before the consent or learned from it. */
  slots?: Record<string, string>
  /** Resource type → ids. */
  records?: Record<string, string[]>
  /** What hooks can be for. */
  resources?: HookResource[]
}
/** A thing of an account that hooks can be for, with those of its records that belong to it (resource type → ids). */
export interface HookResource {
  id: string
  name: string
  records?: Record<string, string[]>
}
export type AnswerName =
  | 'identity'
  | 'prove'
  | `activation-${'resources' | 'list' | 'create' | 'renew' | 'move' | 'secret'}`
  /** Of a feed, by its name; with `-start` or `-each` behind it of its other calls. */
  | `feed-${string}`
  /** Of what says whose a value is, by its name. */
  | `resolve-${string}`
export type RefusalName = 'unauthorized' | 'forbidden' | 'not-found' | 'bad-request'

const sampleName = /^(.+)\.(json|form|empty)$/
const plainToken = '{"access_token":"","refresh_token":"","token_type":"bearer","expires_in":3600}'
const types: Record<string, string> = { json: 'application/json', form: 'application/x-www-form-urlencoded' }

/** Opens a provider's fixtures; where there are none, as for a person's own definition, they are made from it. */
export function readFixtures(definition: ProviderDefinition, dir: string): ProviderFixtures {
  if (!existsSync(join(dir, 'accounts.json'))) return madeFixtures(definition)
  const bytes = (name: string): Buffer => readFileSync(join(dir, name))
  const json = <T>(name: string): T => JSON.parse(bytes(name).toString()) as T
  const optional = (name: string, otherwise: string): Buffer =>
    existsSync(join(dir, name)) ? bytes(name) : Buffer.from(otherwise)
  const names = (folder: string): string[] => (existsSync(join(dir, folder)) ? readdirSync(join(dir, folder)) : [])

  function sample(shape: string, event: string): { headers: RawHeaders; body: Buffer } {
    const path = `samples/${shape}/${event}`
    const extension = ['json', 'form', 'empty'].find(one => existsSync(join(dir, `${path}.${one}`))) ?? 'json'
    const common = JSON.parse(optional('samples/headers.json', '[]').toString()) as RawHeaders
    const own = JSON.parse(optional(`${path}.headers.json`, '[]').toString()) as RawHeaders
    let headers = common
    for (let at = 0; at < own.length; at += 2) headers = setHeader(headers, own[at] as string, own[at + 1] as string)
    const type = types[extension]
    const says = header(own, 'content-type') ?? (extension === 'json' ? header(common, 'content-type') : undefined)
    if (type && !says) headers = setHeader(headers, 'content-type', type)
    return { headers, body: extension === 'empty' ? Buffer.alloc(0) : bytes(`${path}.${extension}`) }
  }

  return {
    accounts: json('accounts.json'),
    events: new Map(definition.webhook.shapes.map(({ name }) => [name, samplesOf(names(`samples/${name}`))])),
    usual: json<{ usual: string }>('deliveries.json').usual,
    sample,
    recordTypes: names('records').flatMap(name => (name.endsWith('.json') ? [name.slice(0, -5)] : [])),
    record: type => bytes(`records/${type}.json`),
    answer: name => optional(`api/${name}.json`, '{}'),
    refusal(name) {
      if (!existsSync(join(dir, `api/${name}.json`))) return undefined
      const { status, body } = json<{ status: number; body: unknown }>(`api/${name}.json`)
      return { status, body: JSON.stringify(body) }
    },
    token: optional('oauth/token.json', plainToken),
  }
}

function samplesOf(names: string[]): string[] {
  const events = names.flatMap(name => (name.endsWith('.headers.json') ? [] : (sampleName.exec(name)?.[1] ?? [])))
  return [...new Set(events)].sort()
}
