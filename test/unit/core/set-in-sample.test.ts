import { expect, test } from 'vitest'
import type { ProviderDefinition } from '../../../src/core/definition.ts'
import { setInSample } from '../../../src/core/set-in-sample.ts'
import type { Decoder } from '../../../src/core/webhook-definition.ts'

const formType = ['content-type', 'application/x-www-form-urlencoded']

function set(decoder: Decoder, body: string, path: string, value: string, headers = formType): string {
  const definition = { name: 'Acme', webhook: { body: [decoder], split: ['$'] } } as unknown as ProviderDefinition
  return setInSample(definition, { headers, body: Buffer.from(body) }, [{ path, value }]).toString()
}

test.each([
  ['form', 'From=%2B1&Body=hi', 'Body', 'a b&c', 'From=%2B1&Body=a+b%26c'],
  ['form', 'Body=hi', 'New', 'ä', 'Body=hi&New=%C3%A4'],
  ['form', '', 'New', '1', 'New=1'],
  ['form', 'data[merges][FNAME]=A&x=1', 'data.merges.FNAME', 'B', 'data[merges][FNAME]=B&x=1'],
  ['form', 'data%5Bid%5D=1', '$.data[id]', '2', 'data%5Bid%5D=2'],
  ['form', 'a.b=1', 'a.b', '2', 'a.b=2'],
  ['form', 'a=1&a=2', 'a', '3', 'a=1&a=3'],
  [{ jsonField: 'payload' }, 'payload=%7B%22a%22%3A1%7D&x=1', 'a', '2', 'payload=%7B%22a%22%3A2%7D&x=1'],
] as const)('%j: %s with %s=%s', (decoder, body, path, value, wanted) => {
  expect(set(decoder, body, path, value)).toBe(wanted)
})

test('JSON is written as JSON, and no value leaves all as it is', () => {
  expect(set('json', '{"a":1}', 'a', '2', [])).toBe('{"a":2}')
  const definition = { webhook: { body: ['empty'] } } as unknown as ProviderDefinition
  expect(setInSample(definition, { headers: [], body: Buffer.from('') }, [])).toHaveLength(0)
})

test('what cannot be written is refused with the reason', () => {
  const refused = (decoder: Decoder, body: string, path: string) => () => set(decoder, body, path, 'x')
  expect(refused('empty', '', 'a')).toThrow(expect.objectContaining({ code: 'bad-set', exit: 2 }) as Error)
  expect(refused('form', 'a=1', '$')).toThrow(expect.objectContaining({ code: 'bad-set' }) as Error)
  expect(refused({ jsonField: 'p' }, 'p={}', 'a.b')).toThrow(expect.objectContaining({ code: 'bad-set' }) as Error)
})
