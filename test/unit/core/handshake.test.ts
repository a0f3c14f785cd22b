import { describe, expect, test } from 'vitest'
import { type Ingested, ingest } from '../../../src/core/ingest.ts'
import type { Keyring, RawDelivery } from '../../../src/core/keyring.ts'
import { definitionFaults } from '../../../src/core/validate-definition.ts'
import type { Handshake } from '../../../src/core/webhook-definition.ts'
import { hmacOf, perItem } from '../../helpers/scheme-cases.ts'
import { appSecret, hmacScheme, hookSecret, keyring, post, smallDefinition } from '../../helpers/small-definition.ts'

const secrets = [appSecret('k', 1), appSecret('verify me', 2, 'signing'), appSecret('old', 3)]

function judge(handshake: Handshake, delivery: RawDelivery, more: Partial<Keyring> = {}): Ingested {
  const definition = smallDefinition({ methods: ['POST'], handshakes: [handshake] })
  return ingest(definition, delivery, keyring(secrets, more))
}
const get = (suffix: string, headers: string[] = []): RawDelivery => ({ ...post('', headers, suffix), method: 'GET' })
const signed = (body: string, key = 'k') => post(body, ['x-signature', hmacOf(key, body)])

const echo: Handshake = {
  kind: 'challenge',
  method: 'GET',
  when: [{ exists: { query: 'challenge' } }],
  proof: 'none',
  reply: { status: 200, text: { query: 'challenge' } },
}
const plain = { 'content-type': 'text/plain', 'x-content-type-options': 'nosniff' }

describe('a challenge that comes back', () => {
  test('is plain text that no browser reads as anything else', () => {
    expect(judge(echo, get('?x=1&challenge=a%20b%2Bc'))).toEqual({
      outcome: 'handshake',
      kind: 'challenge',
      answer: { status: 200, headers: plain, body: 'a b+c' },
      brings: null,
      activation: null,
    })
    expect(judge(echo, get('?challenge=x'), { activation: 7 })).toMatchObject({ activation: 7 })
  })

  test.each([
    ['512 characters', 'a'.repeat(512), true],
    ['513 characters', 'a'.repeat(513), false],
    ['64 KB', 'a'.repeat(65_536), false],
    ['markup, which is text', '<script>alert(1)</script>', true],
    ['a line end', 'a\r\nSet-Cookie: x=1', false],
    ['a line end alone', 'a\n', false],
    ['a null', 'a\0b', false],
    ['a tab', 'a\tb', false],
    ['an escape', '\u001b[31m', false],
    ['a delete', '\u007f', false],
    ['an umlaut', 'é', false],
    ['a direction mark', '\u202eabc', false],
    ['an emoji', '😀', false],
    ['the first and the last that are printable', ' ~', true],
  ])('%s', (_, text, isFine) => {
    const result = judge(echo, get(`?challenge=${encodeURIComponent(text)}`))
    if (isFine) expect(result).toMatchObject({ outcome: 'handshake', answer: { body: text } })
    else {
      expect(result).toMatchObject({ outcome: 'rejected', status: 401, reason: 'refused-handshake' })
      expect(result).toMatchObject({ handshake: 'challenge' })
      expect(JSON.stringify(result)).not.toContain(text.slice(0, 100))
    }
  })

  test.each([
    ['an empty challenge', get('?challenge=')],
    ['no challenge', get('')],
    ['another method', { ...get('?challenge=x'), method: 'HEAD' }],
  ])('%s is no handshake', (_, delivery) => {
    expect(judge(echo, delivery)).toMatchObject({ outcome: 'rejected', status: 405, reason: 'method' })
  })

  test('the first that fits is taken', () => {
    const handshakes: Handshake[] = [
      { ...echo, kind: 'one', when: [{ exists: { query: 'x' } }] },
      { ...echo, kind: 'two' },
      { ...echo, kind: 'three' },
    ]
    const result = ingest(smallDefinition({ handshakes }), get('?challenge=x'), keyring())
    expect(result).toMatchObject({ kind: 'two' })
  })

  test('a probe is answered with nothing', () => {
    const probe: Handshake = { kind: 'probe', method: 'HEAD', proof: 'none', reply: { status: 204 } }
    const result = judge(probe, { ...get(''), method: 'HEAD' })
    expect(result).toMatchObject({ outcome: 'handshake', answer: { status: 204, headers: {}, body: '' } })
  })
})

describe('a challenge in a signed body', () => {
  const asked: Handshake = {
    kind: 'url',
    method: 'POST',
    when: [{ at: '$.type', is: 'check' }],
    proof: 'signature',
    reply: { status: 200, json: { challenge: '$.challenge', ok: { json: true }, n: { json: 7 } } },
  }
  const body = '{"type":"check","challenge":"abc"}'

  test('comes back in JSON, and nothing else of it', () => {
    const result = judge(asked, signed(body))
    expect(result).toMatchObject({ outcome: 'handshake', answer: { headers: { 'content-type': 'application/json' } } })
    const { answer } = result as Extract<Ingested, { outcome: 'handshake' }>
    expect(JSON.parse(answer.body)).toEqual({ challenge: 'abc', ok: true, n: 7 })
  })

  test.each<[string, RawDelivery, string]>([
    ['unsigned', post(body), 'missing-header'],
    ['signed by another', signed(body, 'x'), 'wrong-secret'],
    ['with another body', { ...signed(body), body: post(body.replace('abc', 'abd')).body }, 'wrong-secret'],
  ])('not %s', (_, delivery, reason) => {
    expect(judge(asked, delivery)).toMatchObject({ outcome: 'rejected', status: 401, reason, handshake: 'url' })
  })

  test('with no secret stored it has to come again', () => {
    expect(judge(asked, signed(body), { secrets: [] })).toMatchObject({ status: 503, reason: 'no-secret' })
  })

  test('a challenge that is too long or not plain is not repeated', () => {
    for (const challenge of ['a'.repeat(513), 'é', '\\n']) {
      const result = judge(asked, signed(`{"type":"check","challenge":"${challenge}"}`))
      expect(result).toMatchObject({ outcome: 'rejected', reason: 'refused-handshake' })
    }
  })

  test('a body above 64 KB is a delivery like any other', () => {
    const long = signed(`{"type":"check","challenge":"abc","x":"${'x'.repeat(65_536)}"}`)
    expect(judge(asked, long)).toMatchObject({ outcome: 'accepted' })
  })

  test('a proof that only items bring proves no handshake', () => {
    const definition = smallDefinition({ verify: [perItem], handshakes: [asked] })
    const result = ingest(definition, post(body), keyring(secrets))
    expect(result).toMatchObject({ outcome: 'rejected', reason: 'refused-handshake' })
  })
})

describe('a token that must be brought', () => {
  const asked: Handshake = {
    ...echo,
    when: [{ at: { query: 'mode' }, is: 'subscribe' }],
    proof: { token: { query: 'token' }, secret: 'signing' },
  }

  test.each<[string, string, object]>([
    ['the right one', 'token=verify+me&challenge=7', { outcome: 'handshake', answer: { body: '7' } }],
    ['another', 'token=verify&challenge=7', { status: 401, reason: 'wrong-token' }],
    ['none', 'challenge=7', { status: 401, reason: 'wrong-token' }],
    ['the signing secret of deliveries', 'token=k&challenge=7', { status: 401, reason: 'wrong-token' }],
    ['the right one, and no challenge', 'token=verify+me', { status: 401, reason: 'refused-handshake' }],
  ])('%s', (_, query, wanted) => {
    expect(judge(asked, get(`?mode=subscribe&${query}`))).toMatchObject(wanted)
  })

  test('none is stored, or only that of a hook', () => {
    const hook = { ...hookSecret('verify me', 7), name: 'signing' }
    for (const stored of [[], [hook]]) {
      const result = judge(asked, get('?mode=subscribe&token=verify+me&challenge=7'), { secrets: stored })
      expect(result).toMatchObject({ status: 503, reason: 'no-secret' })
    }
  })
})

describe('a secret that is brought', () => {
  const brought: Handshake = {
    kind: 'secret',
    method: 'POST',
    when: [{ exists: { header: 'x-hook-secret' } }],
    proof: 'none',
    brings: { secret: 'webhook', of: 'activation', at: { header: 'x-hook-secret' } },
    reply: { status: 200, headers: { 'X-Hook-Secret': { header: 'x-hook-secret' } } },
  }

  test('is handed on, and comes back where it must', () => {
    expect(judge(brought, post('', ['X-Hook-Secret', 'abc']), { activation: 4 })).toEqual({
      outcome: 'handshake',
      kind: 'secret',
      answer: { status: 200, headers: { 'X-Hook-Secret': 'abc' }, body: '' },
      brings: { secret: 'webhook', of: 'activation', at: { header: 'x-hook-secret' }, value: 'abc' },
      activation: 4,
    })
  })

  test.each(['é', 'a\u0001', 'x'.repeat(513)])('%j is none', value => {
    const result = judge(brought, post('', ['x-hook-secret', value]))
    expect(result).toMatchObject({ outcome: 'rejected', reason: 'refused-handshake' })
  })

  test('in a body it is held to the same, though nothing is repeated', () => {
    const inBody: Handshake = {
      ...brought,
      when: ['$.token'],
      brings: { secret: 'webhook', of: 'app', at: '$.token' },
      reply: { status: 200 },
    }
    expect(judge(inBody, post('{"token":"abc"}'))).toMatchObject({ brings: { value: 'abc', of: 'app' } })
    for (const body of ['{"token":null}', '{"token":""}', '{"token":{}}', '{"token":"\\u001b[2J"}']) {
      expect(judge(inBody, post(body)), body).toMatchObject({ outcome: 'rejected', reason: 'refused-handshake' })
    }
  })
})

describe('what is signed for the sender', () => {
  const hmac = { of: '$.plain', secret: 'webhook', pattern: '^[a-z]{1,8}$' }
  const asked: Handshake = {
    kind: 'validate',
    method: 'POST',
    when: ['$.plain'],
    proof: 'signature',
    reply: { status: 200, json: { plain: '$.plain', signed: { hmac } } },
  }
  const answered = (body: string, key?: string): unknown => {
    const result = judge(asked, signed(body, key))
    return result.outcome === 'handshake' ? JSON.parse(result.answer.body) : result
  }

  test('with the secret that the sender used, while two hold', () => {
    expect(answered('{"plain":"abc"}')).toEqual({ plain: 'abc', signed: hmacOf('k', 'abc') })
    expect(answered('{"plain":"abc"}', 'old')).toEqual({ plain: 'abc', signed: hmacOf('old', 'abc') })
  })

  test('never for who did not sign, and never another text than the pattern allows', () => {
    expect(judge(asked, post('{"plain":"abc"}'))).toMatchObject({ outcome: 'rejected', reason: 'missing-header' })
    for (const plain of ['abcdefghi', 'ABC', '{"type":"forged"}', 'abc\n', '']) {
      expect(answered(JSON.stringify({ plain })), plain).toMatchObject({
        outcome: 'rejected',
        reason: 'refused-handshake',
      })
    }
  })

  test('is refused in a definition without the signature, or with a loose pattern', () => {
    const faults = (handshake: Handshake) => definitionFaults(smallDefinition({ handshakes: [handshake] }))
    expect(faults(asked)).toEqual([])
    expect(faults({ ...asked, proof: 'none' })).toEqual([expect.stringContaining('its proof must be the signature')])
    const loose = { ...asked, reply: { status: 200, json: { x: { hmac: { ...hmac, pattern: '[a-z]+' } } } } }
    expect(faults(loose)).toEqual([expect.stringContaining('not anchored')])
    const odd = { ...asked, reply: { status: 200, json: { x: { hmac: { ...hmac, secret: 'nowhere' } } } } }
    expect(faults(odd)).toEqual([expect.stringContaining('nowhere')])
  })

  test('verification by a hook’s own secret signs with the app’s, where one is stored', () => {
    const definition = smallDefinition({
      verify: [{ ...hmacScheme, key: { secret: 'webhook', of: 'activation' } }],
      handshakes: [asked],
    })
    const body = '{"plain":"abc"}'
    const result = ingest(definition, signed(body, 'hook'), keyring([hookSecret('hook', 1)]))
    expect(result).toMatchObject({ outcome: 'rejected', reason: 'refused-handshake' })
  })
})
