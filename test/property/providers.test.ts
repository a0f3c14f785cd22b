import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBody } from '../../src/core/decode.ts'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { WhsError } from '../../src/core/errors.ts'
import { setHeader } from '../../src/core/headers.ts'
import { type Accepted, type Ingested, ingest } from '../../src/core/ingest.ts'
import { type JsonDoc, rawAt, scalarAt, scanJson } from '../../src/core/json-scan.ts'
import { cutPart } from '../../src/core/part.ts'
import { verifyDelivery } from '../../src/core/verify.ts'
import type { Scheme } from '../../src/core/webhook-definition.ts'
import { providers } from '../../src/providers/index.ts'
import { deliveryFixtures, type SampleFixture, sampleFixtures } from '../helpers/fixtures.ts'
import { jsonText } from '../helpers/json-texts.ts'
import { keyringFor, signedDelivery } from '../helpers/provider-deliveries.ts'

const all = providers.map(definition => [definition.id, definition] as const)
const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef='), maxLength: 70 }),
  fc.constantFrom(
    '',
    ' ',
    '0',
    '-1',
    '1e99',
    't=1,v1=',
    'v1,',
    'sha256=',
    'Basic ',
    'Bearer a.b.c',
    '__proto__',
    'a'.repeat(70_000),
  ),
)

function headerNames(scheme: Scheme): string[] {
  if ('signs' in scheme) {
    const time = scheme.time?.at
    const timed = typeof time === 'object' && 'header' in time ? [time.header] : []
    return [...scheme.header.names.map(name => name.replace('{n}', '1')), ...timed]
  }
  if (scheme.scheme === 'jwt') return [scheme.header]
  if (scheme.scheme === 'token') return typeof scheme.at === 'object' && 'header' in scheme.at ? [scheme.at.header] : []
  return scheme.scheme === 'basic' ? ['authorization'] : []
}

/** What a stranger can have: a refusal, a check of the URL that anybody may make, or that we look for a key. */
function isStranger(definition: ProviderDefinition, result: Ingested): void {
  if (result.outcome === 'handshake') {
    const handshake = definition.webhook.handshakes?.find(({ kind }) => kind === result.kind)
    expect(handshake?.proof).toBe('none')
    expect(result.answer.body.length).toBeLessThanOrEqual(1024)
    return
  }
  expect(result.outcome).not.toBe('accepted')
  if (result.outcome === 'rejected') {
    expect(result.reason).toMatch(/^[a-z-]+$/)
    expect([definition.webhook.reply.rejected, 405]).toContain(result.status)
    expect(result.detail.length).toBeLessThan(500)
  }
}

test.each(all)('%s: whatever a stranger sends is refused, and nothing throws', (id, definition) => {
  const names = definition.webhook.verify.flatMap(headerNames)
  const samples = sampleFixtures(id)
  const keyring = keyringFor(definition, null)
  const header = fc.tuple(fc.constantFrom(...names, 'content-type', 'content-encoding', 'x-hook-secret', 'X'), odd)
  const body = fc.oneof(
    fc.constantFrom(...samples.map(sample => sample.body)),
    jsonText.map(text => Buffer.from(text)),
    fc.uint8Array({ maxLength: 50 }).map(bytes => Buffer.from(bytes)),
  )
  const method = fc.constantFrom('POST', 'POST', 'POST', 'GET', 'HEAD', 'PUT')
  const suffix = fc.oneof(
    fc.constantFrom('', '?', '?challenge=a', '?validationToken=a&hub.mode=subscribe&hub.challenge=x', '/x?%'),
    odd,
  )
  fc.assert(
    fc.property(
      fc.constantFrom(...samples),
      fc.array(header, { maxLength: 5 }),
      body,
      method,
      suffix,
      (sample, more, bytes, how, behind) => {
        const headers = [...more.flat(), ...(more.length % 2 ? sample.headers : [])]
        const delivery = { method: how, headers, body: bytes, suffix: behind }
        isStranger(definition, ingest(definition, delivery, keyring))
        isStranger(definition, ingest(definition, delivery, { ...keyring, urls: [], keys: {}, hosts: keyring.hosts }))
        const verdict = verifyDelivery(definition, delivery, keyring)
        if (verdict.verified) expect(verdict.perItem).toBe(true)
      },
    ),
    { numRuns: 60 },
  )
})

/** Something odd in place of one value of a JSON text, or one value left out. */
const change = fc.record({
  where: fc.nat(),
  what: fc.option(fc.oneof(jsonText, fc.constantFrom('""', 'null', '{}', '[]', '"a"', '7'))),
})

function changed(doc: JsonDoc, { where, what }: { where: number; what: string | null }): Buffer {
  const isKey = (node: number): boolean => doc.bytes[nextByte(doc, node)] === 0x3a
  const nodes = doc.kind.flatMap((_, node) => (isKey(node) ? [] : [node]))
  const node = nodes[where % nodes.length] as number
  const text = doc.bytes.toString()
  const raw = rawAt(doc, node)
  const at = Buffer.from(doc.bytes.subarray(0, doc.start[node])).toString().length
  return Buffer.from(text.slice(0, at) + (what ?? (raw.startsWith('[') ? '[]' : '{}')) + text.slice(at + raw.length))
}

function nextByte(doc: JsonDoc, node: number): number {
  let at = doc.end[node] as number
  while (' \n\r\t'.includes(String.fromCharCode(doc.bytes[at] ?? 0))) at++
  return at
}

function mutant(sample: SampleFixture, changes: { where: number; what: string | null }[]): Buffer {
  return changes.reduce((body, one) => {
    const doc = scanJson(body)
    return 'fault' in doc ? body : changed(doc, one)
  }, sample.body)
}

/** Every text of a delivery, as it could be an account's: scalars, what is base64 in them, headers, query. */
function textsOf(
  definition: ProviderDefinition,
  { headers, body, suffix }: { headers: string[]; body: Buffer; suffix: string },
): string {
  const decoded = decodeBody(definition.webhook.body, { headers, body })
  const scalars = 'doc' in decoded ? decoded.doc.kind.flatMap((_, node) => scalarAt(decoded.doc, node) ?? []) : []
  const inner = scalars.filter(text => text.length > 12).map(text => Buffer.from(text, 'base64').toString())
  return [...scalars, ...inner, ...headers, decodeURIComponent(suffix)].join('\n').toLowerCase()
}

test.each(all)('%s: what is signed right is kept, and names no account that does not stand in it', (id, definition) => {
  const samples = sampleFixtures(id)
  const fixed = new Set(
    JSON.stringify(definition.webhook.shapes)
      .toLowerCase()
      .match(/[a-z0-9]+/g),
  )
  let kept = 0
  fc.assert(
    fc.property(
      fc.constantFrom(...samples),
      fc.array(change, { maxLength: 4 }),
      fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, jsonText),
      fc.constantFrom(null, 1),
      (sample, changes, other, activation) => {
        const keyring = keyringFor(definition, definition.activation.keyed ? 1 : activation)
        const body = other === null ? mutant(sample, changes) : Buffer.from(other)
        let delivery: ReturnType<typeof signedDelivery>
        try {
          delivery = signedDelivery(definition, { headers: sample.headers, body }, keyring)
        } catch (error) {
          // Only what each item must bring, or must stand in the body, cannot be signed into everything.
          expect((error as WhsError).code).toBe('bad-sample')
          return
        }
        const result = ingest(definition, delivery, keyring)
        if (result.outcome !== 'accepted') {
          const reason = result.outcome === 'rejected' ? result.reason : result.outcome
          expect(['handshake', 'missing-header', 'malformed-header', 'refused-handshake', 'wrong-token']).toContain(
            reason,
          )
          return
        }
        kept++
        areOfIt(definition, delivery, result, fixed)
      },
    ),
    { numRuns: 60 },
  )
  expect(kept).toBeGreaterThan(5)
})

function areOfIt(
  definition: ProviderDefinition,
  delivery: Parameters<typeof textsOf>[1],
  { items }: Accepted,
  fixed: Set<string>,
): void {
  expect(items.length).toBeGreaterThan(0)
  const texts = textsOf(definition, delivery)
  let at = 0
  for (const { start, length, accounts, fault, activation, scope } of items) {
    expect(start).toBeGreaterThanOrEqual(at)
    at = start + length
    expect(accounts.length > 0 || fault !== null || activation !== null || scope === 'app').toBe(true)
    for (const { kind, value } of accounts.flat()) {
      expect(definition.accounts.map(one => one.kind)).toContain(kind)
      for (const piece of value.toLowerCase().split(/[^a-z0-9]+/)) {
        if (!texts.includes(piece)) expect(fixed, `${kind} ${value}`).toContain(piece)
      }
    }
  }
  expect(at).toBeLessThanOrEqual(delivery.body.length)
  if (items.length > 1) expect(cutPart(definition, delivery.body, [items[0]?.start as number])).not.toBeNull()
}

test.each(all)('%s: one changed header or byte of a real delivery never makes it another one', (id, definition) => {
  const real = deliveryFixtures(id).filter(one => one.expect.outcome === 'accepted')
  const names = definition.webhook.verify.flatMap(headerNames)
  if (names.length === 0 || real.length === 0) return
  const keyring = keyringFor(definition, null)
  fc.assert(
    fc.property(fc.constantFrom(...real), fc.constantFrom(...names), odd, (delivery, name, text) => {
      isStranger(
        definition,
        ingest(definition, { ...delivery, headers: setHeader(delivery.headers, name, text) }, keyring),
      )
    }),
    { numRuns: 30 },
  )
})
