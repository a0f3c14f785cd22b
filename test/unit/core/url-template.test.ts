import { expect, test } from 'vitest'
import { fillUrl, isLabel, mustFillText } from '../../../src/core/url-template.ts'

const hosts = { api: 'https://api.example.com', slash: 'https://api.example.com/' }

test.each([
  [
    '{api}/v3/company/{account}?minorversion=75',
    { account: '12' },
    'https://api.example.com/v3/company/12?minorversion=75',
  ],
  ['{api}/x', {}, 'https://api.example.com/x'],
  ['{slash}/x', {}, 'https://api.example.com/x'],
  ['{api}/a/{x}', { x: '../../b?c=d#e' }, 'https://api.example.com/a/..%2F..%2Fb%3Fc%3Dd%23e'],
  ['{api}/a?b={x}', { x: '1&c=2' }, 'https://api.example.com/a?b=1%26c%3D2'],
])('%s with %j is %s', (template, slots, wanted) => {
  expect(fillUrl(template, hosts, slots as Record<string, string>)).toBe(wanted)
})

test.each([
  ['{api}/a/{x}', { x: '..' }],
  ['{api}/a/{x}', { x: '.' }],
  ['{api}/a/{x}', {}],
  ['{api}/a/{x}', { x: '' }],
  ['{api}/a/{constructor}', {}],
  ['{constructor}/a', {}],
  ['{other}/a', {}],
  ['https://evil.example/{x}', { x: '1' }],
  ['{api}{x}', { x: '.evil.example' }],
  ['{api}@evil.example/', {}],
  ['{api}', {}],
])('%s with %j is refused', (template, slots) => {
  expect(() => fillUrl(template, hosts, slots as Record<string, string>)).toThrow(
    expect.objectContaining({ code: 'bad-template' }),
  )
})

const labelled = { api: 'https://{account.site}.api.example.com', local: 'http://127.0.0.1:80/p/api~{account.site}/' }

test('a slot of a host takes one label, in lower case', () => {
  expect(fillUrl('{api}/a', labelled, { 'account.site': 'Acme-1' })).toBe('https://acme-1.api.example.com/a')
  expect(fillUrl('{local}/a', labelled, { 'account.site': 'acme' })).toBe('http://127.0.0.1:80/p/api~acme/a')
})

test.each([
  'evil.example',
  'evil.example/',
  'a/b',
  'a@b',
  'a:80',
  '#',
  '?',
  'a\\b',
  'a b',
  '-a',
  'a-',
  'ä',
  '%2e',
  '..',
  'a\n',
  'x'.repeat(64),
])('%j is no label, and no host is made of it', site => {
  expect(isLabel(site)).toBe(false)
  for (const role of ['api', 'local']) {
    expect(() => fillUrl(`{${role}}/a`, labelled, { 'account.site': site })).toThrow(
      expect.objectContaining({ code: 'bad-label', exit: 4 }),
    )
  }
})

test('a host whose slot is not known is refused', () => {
  expect(() => fillUrl('{api}/a', labelled, {})).toThrow(expect.objectContaining({ code: 'bad-template' }))
})

test('a text is filled as it is, and braces with blanks are text', () => {
  expect(mustFillText('{ a } {a.b} {c}', { 'a.b': '1&', c: '{x}' })).toBe('{ a } 1& {x}')
  expect(() => mustFillText('{a} {b}', { a: '1' })).toThrow(
    expect.objectContaining({ code: 'bad-template', why: 'nothing is known for {b}' }),
  )
})
