import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { readItems } from '../../../src/core/ingest.ts'
import { valuePlace } from '../../../src/core/value-place.ts'
import { providers } from '../../../src/providers/index.ts'
import { deliveryFixtures } from '../../helpers/fixtures.ts'

const form = ['content-type', 'application/x-www-form-urlencoded']

/** What stands at a place in a body; null where nothing does. */
function textAt(
  body: string,
  place: string,
  headers: string[] = [],
  decoder: Parameters<typeof valuePlace>[0] = ['json'],
): string | null {
  const bytes = Buffer.from(body)
  const found = valuePlace(decoder, { headers, body: bytes }, place)
  return found && bytes.subarray(found.from, found.to).toString()
}

test.each([
  ['{"a":{"b":"x"}}', '/a/b', 'x'],
  ['{"a":[{"id":1},{"id":22}]}', '/a/1/id', '22'],
  ['  [ "ä" , "ö" ] ', '/1', 'ö'],
  ['{"a":1,"a":2}', '/a', '2'],
  ['{"a/b":{"c~d":"e"}}', '/a~1b/c~0d', 'e'],
  ['{"a":"q\\"uo\\u0074e"}', '/a', 'q\\"uo\\u0074e'],
  ['{"a":{"b":1}}', '/a', '{"b":1}'],
  ['{"a":"x","b":"y"}', '/a+/b', 'x'],
  ['{"a+b":"x"}', '/a+b', 'x'],
  ['{"a":"eyJiIjoxfQ=="}', '/a|base64|/b', 'eyJiIjoxfQ=='],
  ['{"a":"x"}', 'header:x-shop+/a', 'x'],
  ['{"a":"x"}', '/b', null],
  ['{"a":["x"]}', '/a/1', null],
  ['{"a":["x"]}', '/a/-1', null],
  ['{"a":"x"}', 'header:x-shop', null],
  ['{"a":"x"}', 'fixed', null],
  ['{"a":', '/a', null],
  ['', '/a', null],
])('in %s at %s stands %s', (body, place, wanted) => {
  expect(textAt(body, place)).toBe(wanted)
})

test.each([
  ['a=1&b=2', '/b', '2'],
  ['a=1&a=2&c', '/a', '2'],
  ['data%5Bid%5D=a%20b&x=1', '/data/id', 'a%20b'],
  ['data[merges][FNAME]=A+B', '/data/merges/FNAME', 'A+B'],
  ['a=', '/a', ''],
  ['a', '/a', ''],
  ['a=1', '/b', null],
])('in the form %s at %s stands %s', (body, place, wanted) => {
  expect(textAt(body, place, form, ['form'])).toBe(wanted)
})

test.each([
  ['payload=%7B%22team%22%3A%7B%22id%22%3A%22T1%22%7D%7D&x=1', '/team/id', 'T1'],
  ['payload={"team":"a+b%2Bc"}', '/team', 'a+b%2Bc'],
  ['payload=%7B%22n%22:12%7D', '/n', '12'],
  ['x=1', '/n', null],
])('in the JSON of a form’s field, %s at %s stands %s', (body, place, wanted) => {
  expect(textAt(body, place, form, [{ jsonField: 'payload' }])).toBe(wanted)
})

test.each(providers.map(definition => [definition.id, definition] as const))(
  'each account that %s names in a body is found there',
  (id, definition) => {
    const spelled = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '')
    for (const delivery of deliveryFixtures(id)) {
      if (delivery.expect.outcome !== 'accepted') continue
      for (const { value, place } of readItems(definition, delivery).flatMap(item => item.accounts.flat())) {
        if (!place.startsWith('/')) continue
        const range = valuePlace(definition.webhook.body, delivery, place)
        const raw = delivery.body.subarray(range?.from, range?.to).toString()
        const text = meantBy(raw, place.includes('|base64|'))
        const isIn = spelled(text).includes(spelled(value)) || spelled(value).includes(spelled(text))
        expect([delivery.name, place, value, text, range !== null && text !== '' && isIn]).toEqual([
          delivery.name,
          place,
          value,
          text,
          true,
        ])
      }
    }
  },
)

/** What stands written in base64, with JSON's escapes, or as forms have it. */
function meantBy(raw: string, isBase64: boolean): string {
  if (isBase64) return Buffer.from(raw, 'base64').toString()
  return raw.includes('%') ? decodeURIComponent(raw.replaceAll('+', ' ')) : (JSON.parse(`"${raw}"`) as string)
}
