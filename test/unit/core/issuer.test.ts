import { expect, test } from 'vitest'
import { issuerFault } from '../../../src/core/issuer.ts'

const hosts = { authorize: 'https://login.acme.example', api: 'https://{shop}.acme-api.co.uk' }
const fault = (query: string, issuer?: string, own: Record<string, string> = hosts) =>
  issuerFault(new URLSearchParams(query), { issuer, hosts: own, slots: { shop: 'one' } })
const iss = (value: string) => `code=1&iss=${encodeURIComponent(value)}`

test.each([
  'https://login.acme.example',
  'https://ACME.example/',
  'https://id.acme.example/realms/one?x=1',
  'https://other.acme-api.co.uk',
])('%s is of the provider’s own site', value => {
  expect(fault(iss(value))).toBeUndefined()
})

test.each([
  'https://login.acme.example.evil.test',
  'https://evil-acme.example',
  'https://acme.example@evil.test',
  'https://evil.test/acme.example',
  'https://evil.test\\.acme.example',
  'https://co.uk',
  'https://evil.co.uk',
  'http://login.acme.example',
  'login.acme.example',
  'javascript:acme.example',
  'null',
  '',
])('"%s" is not', value => {
  expect(fault(iss(value))).toBe(`it was answered by ${value}`)
})

test('a stated issuer must be there, and be that very one', () => {
  expect(fault(iss('https://login.acme.example/one'), '{authorize}/{shop}')).toBeUndefined()
  expect(fault(iss('https://login.acme.example'), '{authorize}/')).toBeUndefined()
  expect(fault(iss('https://login.acme.example/two'), '{authorize}/{shop}')).toContain('it was answered by')
  expect(fault(iss('https://id.acme.example/one'), '{authorize}/{shop}')).toContain('it was answered by')
  expect(fault('code=1', '{authorize}/')).toBe('it has no iss, which says who answered')
})

test('of two nobody can say which counts; where none is known, none is needed', () => {
  const right = iss('https://login.acme.example')
  expect(fault(`${right}&${right}`)).toBe('it has iss more than once')
  expect(fault('code=1')).toBeUndefined()
})

test('on this machine the port counts', () => {
  const here = { authorize: 'http://127.0.0.1:4480/acme/authorize' }
  expect(fault(iss('http://127.0.0.1:4480/acme'), undefined, here)).toBeUndefined()
  expect(fault(iss('http://127.0.0.1:4481/acme'), undefined, here)).toContain('it was answered by')
  expect(fault(iss('http://127.0.0.2:4480'), undefined, here)).toContain('it was answered by')
})
