import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { readItems } from '../../src/core/ingest.ts'
import { cutPart } from '../../src/core/part.ts'
import { composeSample, joinSamples, type SampleMessage } from '../../src/core/sample.ts'
import { providers } from '../../src/providers/index.ts'
import { type SampleFixture, sampleFixtures } from '../helpers/fixtures.ts'

/** Values of accounts that are no part of one another, in every form that an account has. */
const tenants = ['711111111111', '722222222222', '733333333333']

function sampleOf(definition: ProviderDefinition, { headers, body }: SampleFixture, value: string): SampleMessage {
  const accounts = Object.fromEntries(definition.accounts.map(({ kind }) => [kind, value]))
  return composeSample(definition, { headers, body }, { accounts, random: Buffer.alloc(16, value) })
}

/** Providers that send events of several tenants at once, with samples of which each names its account in the body. */
const mixing = providers
  .filter(({ webhook }) => webhook.split.some(path => path.includes('[*]')))
  .map(definition => {
    const samples = sampleFixtures(definition.id).filter(sample => {
      const shape = definition.webhook.shapes.find(({ name }) => name === sample.shape)
      return (shape?.accounts.length ?? 0) > 0 && canJoin(definition, sample)
    })
    return [definition.id, definition, samples] as const
  })
  .filter(([, , samples]) => samples.length > 0)

function canJoin(definition: ProviderDefinition, sample: SampleFixture): boolean {
  try {
    const one = sampleOf(definition, sample, tenants[0] as string)
    return joinSamples(definition, [one, one]).body.includes(tenants[0] as string)
  } catch {
    return false
  }
}

test('the providers that mix tenants are known', () => {
  expect(mixing.map(([id]) => id).sort()).toEqual([
    'dropbox',
    'gocardless',
    'hubspot',
    'microsoft-graph',
    'quickbooks',
    'twilio',
    'whatsapp',
    'xero',
  ])
})

test.each(mixing)('%s: a part holds no byte of an item of another tenant', (_, definition, samples) => {
  fc.assert(
    fc.property(
      fc.constantFrom(...samples),
      fc.array(fc.constantFrom(...tenants), { minLength: 2, maxLength: 6 }),
      (sample, order) => {
        const { headers, body } = joinSamples(
          definition,
          order.map(tenant => sampleOf(definition, sample, tenant)),
        )
        const items = readItems(definition, { method: 'POST', headers, body })
        expect(items.map(({ accounts }) => accounts[0]?.[0]?.value)).toEqual(order)
        for (const tenant of new Set(order)) {
          const starts = items.filter(({ accounts }) => accounts[0]?.[0]?.value === tenant).map(({ start }) => start)
          const part = cutPart(definition, body, starts) ?? body
          for (const one of tenants) expect(part.includes(one), `${one} in the part of ${tenant}`).toBe(one === tenant)
        }
      },
    ),
    { numRuns: 60 },
  )
})
