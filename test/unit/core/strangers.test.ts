import { describe, expect, test } from 'vitest'
import { normaliseAccount } from '../../../src/core/account.ts'
import type { ProviderDefinition } from '../../../src/core/definition.ts'
import { header } from '../../../src/core/headers.ts'
import { ingest, readItems } from '../../../src/core/ingest.ts'
import { signDelivery } from '../../../src/core/sign-delivery.ts'
import { providers } from '../../../src/providers/index.ts'
import { type SampleFixture, sampleFixtures } from '../../helpers/fixtures.ts'
import { keyringFor, signedDelivery } from '../../helpers/provider-deliveries.ts'

/** Providers, each with one sample. */
const all = providers.map(
  definition => [definition.id, definition, sampleFixtures(definition.id)[0] as SampleFixture] as const,
)

/** The keyring of an app, with the activation that its URL's key names where there are such keys. */
function ringOf(definition: ProviderDefinition) {
  return keyringFor(definition, definition.activation.keyed ? 1 : null)
}

describe.each(all)('%s', (_, definition, sample) => {
  const keyring = ringOf(definition)
  const delivery = signedDelivery(definition, sample, keyring)

  test('what is signed with a key of no bytes is refused, though a stored secret comes to no more', () => {
    const { verify } = definition.webhook
    for (const [index, scheme] of verify.entries()) {
      if (!('key' in scheme) || 'jwks' in scheme.key || scheme.scheme === 'ed25519') continue
      const text = scheme.key.as === undefined || scheme.key.as === 'text' ? '' : '!'
      const keys = { secrets: { [scheme.key.secret]: text }, scheme: index, now: keyring.now, slots: keyring.slots }
      const url = keyring.urls[0] as string
      const forged = signDelivery(definition, { method: delivery.method, url, ...sample }, keys)
      const secrets = keyring.secrets.map(secret => ({ ...secret, value: text }))
      const result = ingest(
        definition,
        { ...delivery, headers: forged.headers, body: forged.body },
        { ...keyring, secrets },
      )
      const rests = definition.activation.keyed && verify.some(one => one.scheme === 'url-key')
      expect(result.outcome).toBe(rests ? 'accepted' : 'rejected')
      if (result.outcome === 'accepted') expect(result.verified).toBe('token')
    }
  })

  test('no header by which it is proved may come with a second value', () => {
    expect(ingest(definition, delivery, keyring).outcome).toBe('accepted')
    const [scheme] = definition.webhook.verify
    const names = provingHeaders(scheme)
    for (const name of names.filter(one => header(delivery.headers, one) !== undefined)) {
      for (const headers of [
        [...delivery.headers, name, 'x'],
        [name, 'x', ...delivery.headers],
      ]) {
        const result = ingest(definition, { ...delivery, headers }, keyring)
        expect([name, result]).toMatchObject([name, { outcome: 'rejected', reason: 'doubled-header' }])
      }
    }
  })

  test('an account in a header that came with two values is neither’s', () => {
    const read = (headers: string[]) => readItems(definition, { ...delivery, headers })
    for (const { place, value } of read(delivery.headers).flatMap(item => item.accounts.flat())) {
      if (!place.startsWith('header:')) continue
      const name = place.slice('header:'.length)
      const named = read([...delivery.headers, name, 'another-1']).flatMap(item => item.accounts.flat())
      expect(named.filter(one => one.place === place).map(one => one.value)).not.toContain(value)
      expect(named.map(one => one.value)).not.toContain('another-1')
    }
  })
})

function provingHeaders(scheme: ProviderDefinition['webhook']['verify'][0] | undefined): string[] {
  if (!scheme) return []
  if (scheme.scheme === 'jwt') return [scheme.header]
  if (scheme.scheme === 'basic') return ['authorization']
  if (!('signs' in scheme)) return []
  const time = scheme.time?.at
  return [
    ...scheme.header.names.map(name => name.replace('{n}', '1')),
    ...(typeof time === 'object' && 'header' in time ? [time.header] : []),
    ...scheme.signs.flatMap(part => (typeof part === 'object' && 'header' in part ? [part.header] : [])),
  ]
}

describe('accounts that look alike are not the same', () => {
  test.each([
    ['the Kelvin sign', 'lower', 'acme-\u212a', 'acme-k'],
    ['a dotless i', 'lower', 'acme-\u0131', 'acme-i'],
    ['full-width letters', 'text', '\uff34123', 'T123'],
    ['a number in another form', 'text', '1.0', '1'],
    ['a leading zero', 'text', '01', '1'],
    ['a blank inside', 'lower', 'ac me', 'acme'],
    ['something that nobody sees', 'lower', 'acme\u200b', 'acme'],
  ] as const)('%s', (_, how, one, other) => {
    expect(normaliseAccount(how, one)).not.toBe(normaliseAccount(how, other))
  })

  test('half a character is no account: all of them would be stored as the same', () => {
    for (const text of ['a\ud800', '\udc00a', 'a\ud800b']) expect(normaliseAccount('text', text)).toBeUndefined()
    expect(normaliseAccount('text', 'a\u{1f600}')).toBe('a\u{1f600}')
  })
})
