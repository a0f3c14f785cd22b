import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { readItems } from '../../../src/core/ingest.ts'
import { cutPart } from '../../../src/core/part.ts'
import { compilePath } from '../../../src/core/path.ts'
import { providers } from '../../../src/providers/index.ts'
import { quickbooks } from '../../../src/providers/quickbooks.ts'
import { type SampleFixture, sampleFixtures } from '../../helpers/fixtures.ts'

/** Every key on the way to the items (or beside them) of a provider, with a sample in which it stands. */
const keys = providers.flatMap(definition => {
  const { split, alongside = [] } = definition.webhook
  const names = [...split, ...alongside].flatMap(path =>
    compilePath(path).steps.flatMap(step => (step !== 'every' && 'key' in step ? [step.key] : [])),
  )
  return [...new Set(names)].flatMap(name => {
    const sample = sampleFixtures(definition.id).find(({ body }) => body.includes(`"${name}"`))
    return sample ? [[definition.id, name, definition, sample] as const] : []
  })
})

describe('a key that stands twice on the way to the items', () => {
  test('is one of every provider that sends several events at once', () => {
    const those = providers.filter(({ webhook }) => webhook.split.some(path => path.includes('.')))
    expect([...new Set(keys.map(([id]) => id))].sort()).toEqual(those.map(({ id }) => id).sort())
  })

  test.each(keys)('%s: %s makes the whole delivery nobody’s', (_, name, definition, sample: SampleFixture) => {
    const read = (to: string) => {
      const body = Buffer.from(sample.body.toString().replace(`"${name}"`, to))
      return readItems(definition, { method: 'POST', headers: sample.headers, body }, 1)
    }
    expect(read(`"${name}"`).map(({ fault }) => fault)).toEqual([null])
    const escaped = `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}"`
    for (const twice of [`"${name}":["theirs"],"${name}"`, `${escaped}:{},"${name}"`, `"${name}":0,${escaped}`]) {
      const [only, ...others] = read(twice)
      expect(others).toEqual([])
      expect(only).toMatchObject({ pointer: '', accounts: [], fault: expect.stringContaining(`${name} stands twice`) })
    }
  })

  test('is found under every element', () => {
    const entities = '"dataChangeEvent":{"entities":[{"operation":"x"}]}'
    const body = Buffer.from(
      `{"eventNotifications":[{"realmId":"1",${entities}},{"realmId":"2",${entities},${entities}}]}`,
    )
    expect(readItems(quickbooks, { method: 'POST', headers: [], body })).toMatchObject([
      { fault: expect.stringContaining('dataChangeEvent stands twice') },
    ])
    expect(() => cutPart(quickbooks, body, [body.indexOf('{"operation')])).toThrow('does not split')
  })

  test('inside an item or elsewhere it is the provider’s own business', () => {
    const body = Buffer.from('[{"specversion":"1.0","intuitaccountid":"1","intuitaccountid":"2","a":1,"a":2}]')
    expect(readItems(quickbooks, { method: 'POST', headers: [], body })).toMatchObject([
      { fault: null, accounts: [[{ value: '2' }]] },
    ])
  })
})
