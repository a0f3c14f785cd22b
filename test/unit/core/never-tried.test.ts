import { expect, test } from 'vitest'
import type { ProviderDefinition } from '../../../src/core/definition.ts'
import { neverTried, type SecretCandidate } from '../../../src/core/keyring.ts'
import { verifyDelivery } from '../../../src/core/verify.ts'
import type { Key } from '../../../src/core/webhook-definition.ts'
import { hmacOf } from '../../helpers/scheme-cases.ts'
import { appSecret, event, hmacScheme, hookSecret, keyring, post, smallWith } from '../../helpers/small-definition.ts'

/** The secrets of so many hooks, newest first, as a keyring has them. */
const hooks = (count: number): SecretCandidate[] =>
  Array.from({ length: count }, (_, index) => hookSecret(`s${count - index}`, count - index, `h-${count - index}`))

function definition(key: Partial<Key> = {}, keyed = false): ProviderDefinition {
  const small = smallWith({ ...hmacScheme, key: { secret: 'webhook', of: 'either', ...key } })
  return { ...small, activation: { ...small.activation, keyed } }
}

test('beyond fifty the oldest are never tried, and just those do not verify', () => {
  const secrets = hooks(53)
  const never = neverTried(definition(), secrets)
  expect(never).toEqual([3, 2, 1])
  for (const { value, activation } of secrets) {
    const delivery = post(event, ['x-signature', hmacOf(value, event)])
    const { verified } = verifyDelivery(definition(), delivery, keyring(secrets))
    expect(verified).toBe(!never.includes(activation?.id as number))
  }
})

test.each<[string, ProviderDefinition, SecretCandidate[], number[]]>([
  ['fifty are tried', definition(), hooks(50), []],
  ['a secret of the app that comes before counts too', definition(), [appSecret('a', 900), ...hooks(50)], [1]],
  ['a hook one of whose secrets is tried is well', definition(), [hookSecret('new', 1), ...hooks(50)], []],
  ['the URL says which it is', definition({}, true), hooks(60), []],
  ['a delivery says which it is', definition({ activation: '$.hook' }), hooks(60), []],
  ['hooks without a secret of their own', definition({ of: 'app' }), hooks(60), []],
  ['what is no key is no candidate', definition(), [hookSecret('', 99), ...hooks(50)], []],
])('%s', (_, small, secrets, never) => {
  expect(neverTried(small, secrets)).toEqual(never)
})
