import { expect, test } from 'vitest'
import { fillUrl } from '../../../src/core/url-template.ts'

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
