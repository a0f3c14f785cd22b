import { expect, test } from 'vitest'
import { withoutSecrets } from '../../../src/connect/said.ts'

const token = 'tok/EN+5ec2e7='
const filled = {
  token,
  refreshToken: 'refresh-5ec2e7',
  'secret.client': 'client secret/5ec2e7',
  'callback.code': 'code-5ec2e7',
  verifier: 'verifier-5ec2e7',
  account: 'account-1',
  'callback.realmId': 'realm-1',
}
const shown = (text: string) => withoutSecrets(text, filled)

test.each([
  ['as it is', `Bearer ${token} is bad`, 'Bearer *** is bad'],
  ['in a URL', `https://a.test/?t=${encodeURIComponent(token)}&x=1`, 'https://a.test/?t=***&x=1'],
  ['in a URL in a URL', encodeURIComponent(encodeURIComponent(token)), '***'],
  ['in JSON with slashes escaped', '{"t":"tok\\/EN+5ec2e7="}', '{"t":"***"}'],
  ['in Basic credentials', `Basic ${btoa(`me:${filled['secret.client']}`)} is bad`, 'Basic *** is bad'],
  ['in those of RFC 6749', `Basic ${btoa(`me:${encodeURIComponent(filled['secret.client'])}`)}`, 'Basic ***'],
  ['in those within a URL', `a=${encodeURIComponent(btoa(`me:${filled['secret.client']}??>`))}&b`, 'a=***&b'],
  ['in those behind a blank of a URL', `Basic%20${btoa(`me:${filled['secret.client']}`)}`, 'Basic%***'],
  ['in base64 for URLs', btoa(`${token}??>`).replaceAll('/', '_').replaceAll('+', '-'), '***'],
  ['every one', 'refresh-5ec2e7 code-5ec2e7 verifier-5ec2e7', '*** *** ***'],
])('a secret %s is masked', (_form, text, expected) => {
  expect(shown(text)).toBe(expected)
})

test.each([
  'Basic authentication is required for account-1 at realm-1',
  'no 100%25 token of this kind: aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91',
  '',
])('"%s" is left as it is', text => {
  expect(shown(text)).toBe(text)
})

test('a short value is no secret to look for, since it may be part of any word', () => {
  expect(withoutSecrets('a bad token', { token: 'bad' })).toBe('a bad token')
})
