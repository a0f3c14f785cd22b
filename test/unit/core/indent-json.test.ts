import fc from 'fast-check'
import { expect, test } from 'vitest'
import { indentJson } from '../../../src/core/indent-json.ts'
import { oneLine } from '../../../src/core/json-scan.ts'

test('blanks alone are moved, so that one line of it is the text that it was', () => {
  fc.assert(
    fc.property(fc.json(), text => {
      expect(oneLine(indentJson(text))).toBe(oneLine(text))
    }),
  )
})

test('numbers, escapes and doubled keys stay as they are written', () => {
  const text = '{"n":9007199254740993,"n":1.0,"t":"a\\u0041 , : {","e":[],"o":{ }}'
  expect(indentJson(text)).toBe(
    '{\n  "n": 9007199254740993,\n  "n": 1.0,\n  "t": "a\\u0041 , : {",\n  "e": [],\n  "o": {}\n}',
  )
})
