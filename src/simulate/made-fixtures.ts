import { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../core/definition.ts'
import { freshId } from '../core/sample-values.ts'
import { exampleOf } from './example-text.ts'
import type { AccountFixture, ProviderFixtures } from './fixtures.ts'
import { madeSamples } from './made-sample.ts'

const companies: [name: string, word: string][] = [
  ['Acme Holdings', 'acme'],
  ['Globex Corp', 'globex'],
  ['Initech', 'initech'],
]

/**
 * Fixtures for a definition that brings none, such as a person's own: companies whose values fit its patterns, and for
 * each shape the plainest deliveries that it reads. What cannot be made up is left out.
 */
export function madeFixtures(definition: ProviderDefinition): ProviderFixtures {
  const accounts = companies.map((_, index) => madeAccount(definition, index))
  const samples = madeSamples(definition, accounts[0] as AccountFixture)
  const shapes = definition.webhook.shapes.map(({ name }): [string, string[]] => [
    name,
    samples.flatMap(({ shape, event }) => (shape === name ? [event] : [])),
  ])
  return {
    accounts,
    events: new Map(shapes),
    sample(shape, event) {
      const found = samples.find(one => one.shape === shape && one.event === event)
      if (!found) throw new Error(`there is no sample of ${event}`)
      return found.message
    },
    recordTypes: [],
    record: () => nothing,
    answer: () => nothing,
    refusal: () => undefined,
    token: Buffer.from('{"access_token":"","refresh_token":"","token_type":"bearer","expires_in":3600}'),
  }
}

const nothing = Buffer.from('{}')

function madeAccount({ accounts, ask = [], identity, oauth }: ProviderDefinition, index: number): AccountFixture {
  const [name, word] = companies[index] as [string, string]
  const values = accounts.map(({ kind, pattern }) => [kind, fitting(pattern, word, index)])
  const asked = ask.map(one => [one.name, fitting(`^(?:${one.pattern})$`, word, index)])
  const learned = [...Object.keys(identity.learn ?? {}), ...Object.keys(oauth.reply?.learn ?? {})]
  const slots = [...learned.map(slot => [slot, word]), ...asked]
  return { name, values: Object.fromEntries(values), slots: Object.fromEntries(slots) }
}

/** A text that a pattern fits, another one for each company: a plain one if it may be, else one made from the pattern. */
function fitting(pattern: string, word: string, index: number): string {
  const fits = new RegExp(pattern)
  const made = exampleOf(pattern) ?? word
  const all = [
    word,
    `${word}-4480`,
    `448000000${index + 1}`,
    `${word}@example.com`,
    `${word}.example.com`,
    `https://${word}.example.com`,
    `4480448${index}-4480-4480-8448-044804480448`,
    `${made}${word}`,
    `${made}448000000${index + 1}`,
    `${made.slice(0, -1)}${index + 1}`,
    freshId(made, Uint8Array.of(index), index),
  ]
  return all.find(text => fits.test(text)) ?? made
}
