import { expect, test } from 'vitest'
import { setHeader } from '../../../src/core/headers.ts'
import { ingest } from '../../../src/core/ingest.ts'
import { schemeCases } from '../../helpers/scheme-cases.ts'
import { event } from '../../helpers/small-definition.ts'

const body = Buffer.from(event)
const cases = schemeCases.map(one => [one.name, one] as const)

test.each(cases)('%s: what is signed right is accepted', (_, { definition, keyring, sign }) => {
  expect(ingest(definition, sign(body), keyring)).toMatchObject({ outcome: 'accepted', items: [{ fault: null }] })
})

test.each(cases)('%s: bad headers are refused by name', (_, { definition, keyring, sign, header }) => {
  if (header === undefined) return
  const good = sign(body)
  for (const bad of ['', ' ', 'zz', '=', 'ünïcode', 'a'.repeat(64), 'x'.repeat(65_536)]) {
    const result = ingest(definition, { ...good, headers: setHeader(good.headers, header, bad) }, keyring)
    expect(result).toMatchObject({ outcome: 'rejected', reason: expect.stringMatching(/^[a-z-]+$/) })
  }
  const twice = { ...good, headers: [...good.headers, header, 'x'] }
  expect(ingest(definition, twice, keyring)).toMatchObject({ outcome: 'rejected', reason: 'doubled-header' })
})

test.each(cases)('%s: a body that cannot be read is kept and nobody’s', (_, { definition, keyring, sign }) => {
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
  for (const text of ['', 'no json', deep, '{"events":[]}', `{"a":${'9'.repeat(400)}}`, '\xff\xfe']) {
    const result = ingest(definition, sign(Buffer.from(text, 'latin1')), keyring)
    if (result.outcome === 'accepted') for (const item of result.items) expect(item.accounts).toEqual([])
    else expect(result).toMatchObject({ outcome: 'rejected', reason: expect.stringMatching(/^[a-z-]+$/) })
  }
})
