import { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../core/definition.ts'
import { type RawHeaders, setHeader } from '../core/headers.ts'
import { readItems } from '../core/ingest.ts'
import { rootItem } from '../core/path.ts'
import { composeSample, type SampleMessage } from '../core/sample.ts'
import { splitItems } from '../core/split.ts'
import type { Path, Value, When } from '../core/value-definition.ts'
import type { Decoder, Shape } from '../core/webhook-definition.ts'
import { putJson } from './answers/put-json.ts'
import { makeHold, withCaptured, writeAnswer } from './answers/write-answer.ts'
import type { AccountFixture } from './fixtures.ts'

/** A delivery of one event, made up from the shape that reads it. */
export interface MadeSample {
  shape: string
  event: string
  message: SampleMessage
}

const plainEvents = ['record.created', 'record.updated', 'record.deleted', 'created']
const mostEvents = 12

/** For each shape the deliveries that can be made up, one for each event type that the definition names, else plain ones. */
export function madeSamples(definition: ProviderDefinition, account: AccountFixture): MadeSample[] {
  return definition.webhook.shapes.flatMap(shape => {
    const made = new Map<string, MadeSample>()
    for (const said of [...new Set([...wordsOf(shape), ...plainEvents])].slice(0, mostEvents)) {
      const one = definition.webhook.split.map(split => tryOne(definition, shape, split, account, said))
      const found = one.find(sample => sample !== undefined)
      if (found && !made.has(found.event)) made.set(found.event, found)
    }
    return [...made.values()]
  })
}

/** Undefined where what was written is not read as that shape again. */
function tryOne(
  definition: ProviderDefinition,
  shape: Shape,
  split: Path,
  account: AccountFixture,
  said: string,
): MadeSample | undefined {
  try {
    const draft = new Draft(definition, split)
    draft.hold(shape.when)
    draft.put(shape.providerEvent, said)
    if (shape.event) draft.put(shape.event, said)
    if (shape.id) draft.put(shape.id, 'evt44804480448044804480')
    if (shape.time) draft.put(shape.time, '2026-01-31T12:00:00Z')
    if (shape.resource) {
      draft.put(shape.resource.type, 'record')
      draft.put(shape.resource.id, 'r44804480')
    }
    putAccounts(draft, definition, shape, account)
    const message = draft.message()
    const items = readItems(definition, { method: 'POST', ...message })
    const [item] = items
    if (items.length !== 1 || item?.shape !== shape.name || item.event === null) return undefined
    // It must take what every sample is given: accounts, ids and times.
    composeSample(definition, message, { accounts: account.values, random: Buffer.alloc(16, said), at: 0 })
    return { shape: shape.name, event: item.event, message }
  } catch {
    return undefined
  }
}

function putAccounts(draft: Draft, definition: ProviderDefinition, shape: Shape, { values }: AccountFixture): void {
  const refs = shape.accounts.flatMap(entry => ('agree' in entry ? entry.agree : [entry]))
  refs.forEach(({ kind, at, when }, index) => {
    if (index === 0 || when === undefined) draft.put(at, values[kind] ?? 'x')
  })
  const { kind } = definition.activation
  for (const scheme of definition.webhook.verify) {
    if ('key' in scheme && 'activation' in scheme.key && scheme.key.activation && kind) {
      draft.put(scheme.key.activation, values[kind] ?? 'x')
    }
    if (scheme.scheme === 'token' && typeof scheme.at === 'string') draft.put(scheme.at, 'x')
  }
}

/** Event types that the shape itself names: what it must be, and words that it knows. */
function wordsOf({ when, providerEvent, event }: Shape): string[] {
  return [
    ...whenWords(when),
    ...[providerEvent, event].flatMap(value => (value === undefined ? [] : valueWords(value))),
  ]
}

function whenWords(when: When): string[] {
  if (typeof when === 'string') return []
  if ('all' in when) return when.all.flatMap(whenWords)
  return 'is' in when ? [when.is].flat() : []
}

function valueWords(value: Value): string[] {
  if (typeof value === 'string') return []
  if ('text' in value) return [value.text]
  if ('map' in value) return Object.values(value.map.words)
  return 'first' in value ? value.first.flatMap(valueWords) : []
}

/** A delivery while it is being made: its one item, as JSON, and its headers. */
class Draft {
  #json: Buffer
  #headers: RawHeaders = []
  readonly #split: Path[]
  readonly #body: Decoder[]

  constructor({ webhook }: ProviderDefinition, split: Path) {
    this.#split = webhook.split
    this.#body = webhook.body
    const begun = putJson(Buffer.from('{}'), `${split}.x`, 'x')
    this.#json = Buffer.from(begun.toString().replace('{"x":"x"}', '{}'))
  }

  hold(when: When): void {
    if (typeof when === 'object' && 'all' in when) for (const one of when.all) this.hold(one)
    else if (typeof when === 'object' && 'at' in when && headerOf(when.at)) this.put(when.at, [when.is].flat()[0] ?? '')
    else if (typeof when === 'object' && 'exists' in when && headerOf(when.exists)) this.put(when.exists, 'x')
    else this.#json = makeHold(this.#json, when, doc => splitItems(doc, this.#split)?.[0] ?? rootItem)
  }

  put(value: Value, text: string): void {
    const name = headerOf(value)
    if (name === undefined)
      this.#json = writeAnswer(this.#json, value, text, doc => splitItems(doc, this.#split)?.[0] ?? rootItem)
    else this.#headers = setHeader(this.#headers, name, headerText(value, text))
  }

  message(): SampleMessage {
    const json = JSON.parse(this.#json.toString()) as unknown
    const [decoder = 'json'] = this.#body.includes('json') ? (['json'] as Decoder[]) : this.#body
    const isForm = decoder === 'form' || typeof decoder === 'object'
    const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json'
    const headers = decoder === 'empty' ? this.#headers : setHeader(this.#headers, 'content-type', type)
    if (decoder === 'empty') return { headers, body: Buffer.alloc(0) }
    if (!isForm) return { headers, body: this.#json }
    const fields: [string, string][] =
      decoder === 'form' ? formFields(json, '') : [[decoder.jsonField, this.#json.toString()]]
    return { headers, body: Buffer.from(new URLSearchParams(fields).toString()) }
  }
}

function headerOf(value: Value): string | undefined {
  if (typeof value === 'string') return undefined
  if ('header' in value) return value.header
  if ('map' in value) return headerOf(value.map.of)
  if ('capture' in value) return headerOf(value.capture.of)
  return 'first' in value && value.first[0] !== undefined ? headerOf(value.first[0]) : undefined
}

function headerText(value: Value, text: string): string {
  if (typeof value === 'string') return text
  if ('map' in value) return Object.entries(value.map.words).find(([, said]) => said === text)?.[0] ?? text
  return 'capture' in value ? withCaptured(undefined, value.capture.pattern, text) : text
}

/** PHP-style brackets: `data[email]`. */
function formFields(value: unknown, name: string): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[name, String(value)]]
  return Object.entries(value).flatMap(([key, one]) => formFields(one, name === '' ? key : `${name}[${key}]`))
}
