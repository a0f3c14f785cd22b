import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { indentJson } from '../../src/core/indent-json.ts'
import { ingest, readItems } from '../../src/core/ingest.ts'
import { oneLine } from '../../src/core/json-scan.ts'
import { cutPart } from '../../src/core/part.ts'
import { dropbox } from '../../src/providers/dropbox.ts'
import { mailchimp } from '../../src/providers/mailchimp.ts'
import { quickbooks } from '../../src/providers/quickbooks.ts'
import { twilio } from '../../src/providers/twilio.ts'
import { whatsapp } from '../../src/providers/whatsapp.ts'
import { appSecret, keyring, post } from '../helpers/small-definition.ts'

// Each of these takes seconds; were the work to grow with the square of the body, each would take many minutes.

const many = 10_000
const beside = '"":0,'.repeat(600_000)
const list = (item: string): string => `[${Array.from({ length: many }, () => item).join(',')}]`

test.each([
  [
    'quickbooks',
    quickbooks,
    `"eventNotifications":[{"realmId":"1","dataChangeEvent":{"entities":${list('{"name":"a","operation":"b"}')}}}]`,
  ],
  [
    'whatsapp',
    whatsapp,
    `"entry":[{"id":"1","changes":[{"field":"messages","value":{"messages":${list('{"from":"a","type":"b"}')}}}]}]`,
  ],
  ['dropbox', dropbox, `"list_folder":{"accounts":${list('"1"')}}`],
])('%s: 10,000 items beside 600,000 other members are read and cut', (_, definition, text) => {
  const body = Buffer.from(`{${beside}${text}}`)
  const items = readItems(definition, { method: 'POST', headers: [], body })
  expect(items).toHaveLength(many)
  expect(items.at(-1)).toMatchObject({ fault: null, accounts: [[{ value: '1' }]] })
  expect(cutPart(definition, body, [items[7]?.start as number])?.length).toBeLessThan(beside.length + 300)
})

test('a form of 800,000 fields is refused, whatever number of secrets is tried', () => {
  const body = Array.from({ length: 800_000 }, (_, index) => `${index}=`).join('&')
  const headers = ['Content-Type', 'application/x-www-form-urlencoded', 'X-Twilio-Signature', 'x']
  const secrets = Array.from({ length: 20 }, (_, index) => appSecret(`secret ${index}`, index, 'client'))
  expect(ingest(twilio, post(body, headers), keyring(secrets))).toMatchObject({ reason: 'wrong-secret' })
})

test('a form field of eight million brackets keeps its name', () => {
  const body = `a${'[b]'.repeat(8_000_000)}x=1`
  const [item] = readItems(mailchimp, post(body, ['Content-Type', 'application/x-www-form-urlencoded']))
  expect(item?.fault).toContain('no shape of Mailchimp fits')
})

test('a text of 16 MB is written on one line and indented, and one of escapes', () => {
  const long = `"${'x'.repeat(16_000_000)} \\" ${'\\\\'.repeat(500_000)} "`
  expect(oneLine(`{ "a" :\n${long} }`) === `{"a":${long}}`).toBe(true)
  expect(indentJson(`{"a":${long}}`) === `{\n  "a": ${long}\n}`).toBe(true)
})
