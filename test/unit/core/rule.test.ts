import { expect, test } from 'vitest'
import type { WhsError } from '../../../src/core/errors.ts'
import { globMatches } from '../../../src/core/glob.ts'
import {
  type EventFacts,
  isLoopback,
  misfitOf,
  parseRule,
  parseTarget,
  routesOf,
  ruleTakes,
} from '../../../src/core/rule.ts'

const facts: EventFacts = {
  tenant: 'acme',
  app: 'qbo-live',
  provider: 'quickbooks',
  env: 'production',
  account: '9341453900000001234',
  scope: 'tenant',
  event: 'invoice.created',
  providerEvent: 'qbo.invoice.created.v1',
  resource: 'invoice/130',
}

function codeOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return (error as WhsError).code
  }
  return 'nothing was thrown'
}

test.each([
  ['3000', 'http://localhost:3000/'],
  [':3000', 'http://localhost:3000/'],
  ['3000/hooks/{provider}', 'http://localhost:3000/hooks/{provider}'],
  ['3000?a=b', 'http://localhost:3000/?a=b'],
  ['localhost:3000/a/{app}?t={tenant}', 'http://localhost:3000/a/{app}?t={tenant}'],
  ['127.0.0.1:80', 'http://127.0.0.1/'],
  ['[::1]:3000', 'http://[::1]:3000/'],
  ['https://app.localhost/x', 'https://app.localhost/x'],
  ['HTTP://LOCALHOST:3000', 'http://localhost:3000/'],
  ['localhost:3000/slot-tenant', 'http://localhost:3000/slot-tenant'],
])('the target %s is %s', (text, target) => {
  expect(parseTarget(text)).toBe(target)
  expect(parseRule(text)).toEqual({ text, conditions: {}, target, copy: false })
})

test.each([
  ['99999'],
  ['0'],
  ['http://'],
  ['ftp://localhost'],
  ['localhost:3000#a'],
  ['http://me:secret@localhost'],
  ['http://{tenant}.localhost'],
  ['localhost:{app}'],
  ['localhost:3000/{tennant}'],
])('%s is no target', text => {
  expect(codeOf(() => parseTarget(text, true))).toBe('bad-rule')
})

test.each(['https://example.com', 'localhost.example.com', '10.0.0.1:3000', '127.0.0.1.example.com', '0.0.0.0:3000'])(
  '%s is not on this machine, and must be allowed',
  text => {
    expect(codeOf(() => parseRule(text))).toBe('remote-target')
    expect(parseRule(text, true).target).toContain(text.replace(/^https:\/\//, ''))
  },
)

test.each([
  ['localhost', true],
  ['LOCALHOST', true],
  ['a.localhost', true],
  ['[::1]', true],
  ['127.8.9.1', true],
  ['notlocalhost', false],
  ['localhost.', false],
  ['127.0.0.1.nip.io', false],
  ['[::]', false],
])('%s is loopback: %s', (host, wanted) => {
  expect(isLoopback(host)).toBe(wanted)
})

test('a rule holds its conditions, several of one name as either', () => {
  expect(parseRule('tenant=acme, tenant=globex,event=invoice.*,copy,to=3001')).toEqual({
    text: 'tenant=acme, tenant=globex,event=invoice.*,copy,to=3001',
    conditions: { tenant: ['acme', 'globex'], event: ['invoice.*'] },
    target: 'http://localhost:3001/',
    copy: true,
  })
})

test.each(['tenant=acme', 'to=1,to=2', 'colour=red,to=1', 'tenant=,to=1', 'tenant=acme,3000', ''])(
  '%j is no rule',
  text => {
    expect(codeOf(() => parseRule(text))).toBe('bad-rule')
  },
)

test.each([
  ['3000', {}, true],
  ['3000', { scope: 'parked', tenant: null }, false],
  ['3000', { scope: 'app', tenant: null }, false],
  ['scope=app,to=1', { scope: 'app', tenant: null }, true],
  ['scope=parked|tenant,to=1', {}, true],
  ['scope=*,to=1', { scope: 'parked', tenant: null }, true],
  ['tenant=acme,to=1', {}, true],
  ['tenant=globex,to=1', {}, false],
  ['tenant=globex,tenant=acme,to=1', {}, true],
  ['tenant=globex|acme,to=1', {}, true],
  ['tenant=*,scope=parked,to=1', { scope: 'parked', tenant: null }, false],
  ['tenant=acme,event=customer.*,to=1', {}, false],
  ['event=Invoice.*,to=1', {}, true],
  ['event=qbo.*.created.v1,to=1', {}, true],
  ['event=invoice,to=1', {}, false],
  ['provider=quick*,app=*-live,account=93414*1234,to=1', {}, true],
  ['account=1234,to=1', { account: null }, false],
] satisfies [string, Partial<EventFacts>, boolean][])('%s takes %j: %s', (rule, more, wanted) => {
  expect(ruleTakes(parseRule(rule), { ...facts, ...more })).toBe(wanted)
})

test('tenants and accounts that differ in capitals are two: a rule for one never takes the events of the other', () => {
  expect(ruleTakes(parseRule('tenant=acme,to=1'), { ...facts, tenant: 'Acme' })).toBe(false)
  expect(ruleTakes(parseRule('account=T0A,to=1'), { ...facts, account: 't0a' })).toBe(false)
  expect(ruleTakes(parseRule('tenant=A*,to=1'), { ...facts, tenant: 'Acme' })).toBe(true)
})

test.each([
  ['tenant=acme,event=invoice.*,to=1', null],
  ['tenant=globex,event=customer.*,to=1', 'tenant'],
  ['event=customer.*,to=1', 'event'],
  ['scope=app,to=1', 'scope'],
])('%s: what of the event does not fit is %s', (rule, wanted) => {
  expect(misfitOf(parseRule(rule), facts)).toBe(wanted)
})

function targets(...rules: string[]): string[] {
  const parsed = rules.map(rule => parseRule(rule))
  return routesOf(parsed, facts).map(({ target }) => new URL(target).port)
}

test('the first rule that fits takes the event; one with copy lets later ones see it too', () => {
  expect(targets('tenant=globex,to=3001', 'tenant=acme,to=3002', 'to=3003')).toEqual(['3002'])
  expect(targets('copy,to=3001', 'tenant=acme,copy,to=3002', 'to=3003', 'to=3004')).toEqual(['3001', '3002', '3003'])
  expect(targets('copy,to=3001', 'to=3001')).toEqual(['3001'])
  expect(targets('tenant=globex,to=3001')).toEqual([])
  expect(targets()).toEqual([])
})

test('slots are filled in and encoded', () => {
  const rule = parseRule('scope=*,to=localhost:1/{provider}/{app}?t={tenant}')
  expect(routesOf([rule], { ...facts, tenant: 'a@b:c' })).toEqual([
    { target: 'http://localhost:1/quickbooks/qbo-live?t=a%40b%3Ac', rule },
  ])
  expect(routesOf([rule], { ...facts, tenant: null, scope: 'parked' })).toEqual([
    { target: 'http://localhost:1/quickbooks/qbo-live?t=', rule },
  ])
})

test.each([
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['a*c', 'abbbc', true],
  ['a*c', 'abbbcd', false],
  ['*b*', 'abc', true],
  ['**', 'x', true],
  ['a|b', 'B', true],
  ['a|', '', true],
  ['.', 'x', false],
  ['[a]', 'a', false],
  ['?', 'a', false],
])('glob %j on %j: %s', (pattern, text, wanted) => {
  expect(globMatches(pattern, text)).toBe(wanted)
})
