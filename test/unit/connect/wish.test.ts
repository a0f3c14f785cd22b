import { expect, test } from 'vitest'
import { isPersonsWord } from '../../../src/connect/wish.ts'
import type { Proof } from '../../../src/core/definition.ts'
import { quickbooks } from '../../../src/providers/quickbooks.ts'
import { variantOf } from '../../helpers/consent-world.ts'

const proof = quickbooks.identity.prove as Proof
const byApp: Proof = { ...proof, by: 'app' }
const callbackSignature = { hash: 'sha256' as const, parameter: 'hmac', secret: 'client' }

test.each([
  ['callback', proof, false, false],
  ['callback', byApp, false, true],
  ['callback', byApp, true, false],
  ['ask', byApp, true, true],
  ['ask', proof, false, false],
] as const)('an account from %s, proved %o, signed %s: a person’s word %s', (from, prove, isSigned, expected) => {
  const identity = { ...quickbooks.identity, from, prove }
  expect(isPersonsWord(variantOf({ identity, oauth: isSigned ? { callbackSignature } : {} }))).toBe(expected)
})
