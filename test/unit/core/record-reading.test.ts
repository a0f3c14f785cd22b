import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import type { ProviderDefinition } from '../../../src/core/definition.ts'
import type { RecordRead } from '../../../src/core/record-definition.ts'
import {
  isGone,
  itemAt,
  readingFor,
  readingSlots,
  saysDeleted,
  thingIn,
  thingPath,
} from '../../../src/core/record-reading.ts'
import { definitionFaults } from '../../../src/core/validate-definition.ts'
import { answerContext, type ItemContext } from '../../../src/core/value.ts'
import { smallDefinition, smallShape } from '../../helpers/small-definition.ts'

const read: RecordRead = {
  words: { Bill: 'bills', Payment: 'payments' },
  call: { method: 'GET', url: '{api}/{resource}/{resourceId}' },
  at: '$.{resource}[0]',
}
const reading = (...record: RecordRead[]): ProviderDefinition => ({
  ...smallDefinition({ shapes: [{ ...smallShape, id: '@.id' }] }),
  hosts: { production: { authorize: 'https://small.example', api: 'https://api.small.example' } },
  record,
})

function answer(text: string): ItemContext {
  return answerContext(Buffer.from(text)) as ItemContext
}

test('the first reading with a word for a type is taken, in whichever case the type is written', () => {
  const other: RecordRead = { ...read, words: { bill: 'old-bills', note: 'notes' } }
  const definition = reading(read, other)
  expect(readingFor(definition, 'BILL')).toEqual({ read, word: 'bills' })
  expect(readingFor(definition, 'Note')).toEqual({ read: other, word: 'notes' })
  for (const type of ['bills', 'toString', '__proto__', '']) expect(readingFor(definition, type)).toBeUndefined()
  expect(readingFor(reading(), 'bill')).toBeUndefined()
})

test('slots of its own are read from the event’s item, and one that lacks is named', () => {
  const fitting = { read: { ...read, slots: { board: '@.board' } }, word: 'bills' }
  const thing = { type: 'bill', id: '7' }
  const stored = { headers: [], suffix: '', body: Buffer.from('{"events":[{"board":"b1"},{}]}') }
  const form = { decoders: ['json' as const], split: ['$.events[*]'] }
  const [first, second] = ['/events/0', '/events/1'].map(pointer => itemAt(form, stored, pointer))
  expect(readingSlots(fitting, thing, first)).toEqual({
    slots: { resourceType: 'bill', resourceId: '7', resource: 'bills', board: 'b1' },
  })
  expect(readingSlots(fitting, thing, second)).toEqual({ lacks: 'board' })
  expect(readingSlots(fitting, thing, undefined)).toEqual({ lacks: 'board' })
  expect(itemAt(form, stored, '/events/2')).toBeUndefined()
})

test('a thing stands where its path says, with its bytes as they came', () => {
  const slots = { resource: 'bills', resourceType: 'bill' }
  expect(thingPath(read, slots)).toBe('$.bills[0]')
  const text = '{"x":"é", "bills" : [ {"amount":1.10, "id":12345678901234567890} ]}'
  const found = thingIn(read, slots, answer(text))
  const bytes = Buffer.from(text).subarray(found?.start, (found?.start ?? 0) + (found?.length ?? 0))
  expect(bytes.toString()).toBe('{"amount":1.10, "id":12345678901234567890}')
  expect(thingIn(read, slots, answer('{"bills":[]}'))).toBe(null)
  expect(thingIn({ ...read, at: '$' }, slots, answer('{"id":1}'))).toEqual({ start: 0, length: 8 })
})

test.each<[boolean, number, string | undefined]>([
  [true, 404, undefined],
  [true, 410, '{}'],
  [true, 400, '{"code":610}'],
  [false, 400, '{"code":500}'],
  [false, 400, undefined],
  [false, 200, '{"code":610}'],
  [false, 403, '{"code":610}'],
])('gone is %j for %d with %j', (expected, status, text) => {
  const says: RecordRead = { ...read, gone: [{ status: 400, when: { at: '$.code', is: '610' } }] }
  expect(isGone(says, status, text === undefined ? undefined : answer(text))).toBe(expected)
})

test.each<[boolean, string | null, string]>([
  [true, 'invoice.deleted', 'Invoice'],
  [true, 'products.deleted', 'product'],
  [true, 'payment.deleted', 'payments'],
  [true, 'data_source.deleted', 'data-source'],
  [true, 'crm.contact.deleted', 'contact'],
  [false, 'invoice.updated', 'invoice'],
  [false, 'invoice_line.deleted', 'invoice'],
  [false, 'deleted', 'invoice'],
  [false, null, 'invoice'],
])('%j: %s says that a %s is deleted', (expected, event, type) => {
  expect(saysDeleted(event, type)).toBe(expected)
})

test.each<[string, Partial<RecordRead>]>([
  ['words: it reads no type', { words: {} }],
  ['words: bill is there twice', { words: { Bill: 'a', bill: 'b' } }],
  ['at: $.{id} has another slot than {resource} and {resourceType}', { at: '$.{id}' }],
  ['at: @.thing must begin with $', { at: '@.thing' }],
  ['slots.board: path "board" must begin with $ or @', { slots: { board: 'board' } }],
  ['gone: path "code" must begin with $ or @', { gone: [{ status: 400, when: 'code' }] }],
  ['call: {api}/{nowhere} has the unknown slot {nowhere}', { call: { method: 'GET', url: '{api}/{nowhere}' } }],
])('a definition is told: %s', (fault, change) => {
  const faults = definitionFaults(reading({ ...read, ...change }))
  expect(faults.map(one => one.replace(/^record\[0\](: |\.)/, ''))).toContainEqual(expect.stringContaining(fault))
})

test('a sound reading has no fault', () => {
  expect(definitionFaults(reading(read, { ...read, words: { Bill: 'x' }, slots: { board: '@.board' } }))).toEqual([])
})
