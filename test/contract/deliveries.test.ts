import { Buffer } from 'node:buffer'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { header, headerCount, setHeader } from '../../src/core/headers.ts'
import { type Accepted, type Ingested, ingest } from '../../src/core/ingest.ts'
import type { Keyring } from '../../src/core/keyring.ts'
import { coversBody } from '../../src/core/sign.ts'
import type { Scheme } from '../../src/core/webhook-definition.ts'
import {
  type DeliveryFixture,
  deliveryFixtures,
  fixtureDir,
  keyringOf,
  otherSecret,
  testedProviders,
} from '../helpers/fixtures.ts'
import { shownItem } from '../helpers/shown-item.ts'

const hour = 3_600_000
const mostFlips = 1500

describe.each(testedProviders.map(definition => [definition.id, definition] as const))('%s', (id, definition) => {
  const deliveries = deliveryFixtures(id)
  const judge = (delivery: DeliveryFixture, change: Partial<Keyring> = {}): Ingested =>
    ingest(definition, delivery, { ...keyringOf(definition, delivery), ...change })
  const { rejected } = definition.webhook.reply

  test('every signature has a witness that is not our own code, and no bytes lie about that nobody expects', () => {
    for (const { witness } of deliveries) expect(witness.by && witness.source && witness.how).toBeTruthy()
    const folder = join(fixtureDir(id), 'deliveries')
    const files = existsSync(folder) ? readdirSync(folder).map(name => `deliveries/${name}`) : []
    expect(files.sort()).toEqual([...new Set(deliveries.flatMap(({ file }) => file ?? []))].sort())
    const outcomes = new Set(deliveries.map(({ expect: wanted }) => wanted.outcome))
    expect(outcomes).toContain('accepted')
    expect(outcomes).toContain('rejected')
    const told = definition.webhook.handshakes?.map(({ kind }) => kind) ?? []
    const passed = deliveries.flatMap(({ expect: wanted }) => (wanted.outcome === 'handshake' ? [wanted.kind] : []))
    expect([...new Set(passed)].sort()).toEqual([...new Set(told)].sort())
    const read = new Set(
      deliveries
        .flatMap(one => (one.expect.outcome === 'accepted' ? (one.expect.items as { shape: string }[]) : []))
        .map(({ shape }) => shape),
    )
    for (const { name } of definition.webhook.shapes) expect(read, `no delivery of shape ${name}`).toContain(name)
  })

  test.each(deliveries.map(delivery => [delivery.name, delivery] as const))('delivery %s', (_, delivery) => {
    const result = judge(delivery)
    const wanted = delivery.expect
    if (wanted.outcome === 'rejected') {
      expect(result).toMatchObject(wanted)
    } else if (wanted.outcome === 'handshake') {
      expect(result).toMatchObject({ outcome: 'handshake', kind: wanted.kind, answer: { status: wanted.status } })
      const { answer } = result as Extract<Ingested, { outcome: 'handshake' }>
      if (wanted.text !== undefined) expect(answer.body).toBe(wanted.text)
      if (wanted.json !== undefined) expect(JSON.parse(answer.body)).toEqual(wanted.json)
      for (const [name, value] of Object.entries(wanted.headers ?? {})) {
        expect(Object.entries(answer.headers).find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1]).toBe(
          value,
        )
      }
    } else {
      expect(result).toMatchObject({ outcome: 'accepted', status: wanted.status, verified: wanted.verified })
      expect((result as Accepted).items.map(shownItem)).toEqual(wanted.items)
      expect((result as Accepted).refused).toEqual(wanted.refused ?? [])
    }
  })

  const accepted = deliveries.filter(({ expect: wanted }) => wanted.outcome === 'accepted')

  test.each(accepted.map(delivery => [delivery.name, delivery] as const))('forgeries of %s', (_, delivery) => {
    const { scheme: index } = judge(delivery) as Accepted
    const scheme = definition.webhook.verify[index] as Scheme
    const refused = (result: Ingested): void => {
      if (result.outcome === 'rejected' && result.reason === 'no-secret') expect(result.status).toBe(503)
      else expect(result).toMatchObject({ outcome: 'rejected', status: rejected })
    }
    if (coversBody(scheme)) {
      const step = Math.ceil(delivery.body.length / mostFlips)
      for (let at = 0; at < delivery.body.length; at += step) {
        const body = Buffer.from(delivery.body)
        body[at] = (body[at] as number) ^ 1
        refused(judge({ ...delivery, body }))
      }
      refused(judge({ ...delivery, body: Buffer.concat([delivery.body, Buffer.from('&x=1 ')]) }))
    }
    const { secrets } = keyringOf(definition, delivery)
    if (!('key' in scheme) || 'secret' in scheme.key) {
      const others = secrets.map(one => ({ ...one, value: otherSecret(one.value) }))
      const activation = scheme.scheme === 'url-key' ? { activation: null } : {}
      const result = judge(delivery, {
        secrets: others.filter(({ value }) => !secrets.some(one => one.value === value)),
        ...activation,
      })
      refused(result)
      const isKeyed = definition.webhook.verify.some(one => one.scheme === 'url-key')
      if (!isKeyed) {
        expect(result).toMatchObject({ reason: expect.stringMatching(/^wrong-(secret|token)$/) })
        expect(judge(delivery, { secrets: [] })).toMatchObject({ status: 503, reason: 'no-secret' })
      }
    }
    for (const name of headersOf(scheme, delivery)) {
      const given = header(delivery.headers, name) as string
      refused(judge({ ...delivery, headers: [...delivery.headers, name.toUpperCase(), given] }))
      for (const bad of ['', ' ', '-', 'é', '\u0000', `${given}x`, 'x'.repeat(65_536), 'ünïcødé'.repeat(9_000)]) {
        refused(judge({ ...delivery, headers: setHeader(delivery.headers, name, bad) }))
      }
      const without = judge({ ...delivery, headers: withoutHeader(delivery.headers, name) })
      refused(without)
      expect((without as { reason: string }).reason).toMatch(/^(missing-header|wrong-token|no-secret|unknown-key)$/)
    }
    expect(judge({ ...delivery, method: 'TRACE' })).toMatchObject({ status: 405, reason: 'method' })
  })

  test.each(accepted.map(delivery => [delivery.name, delivery] as const))('the time of %s', (_, delivery) => {
    const scheme = definition.webhook.verify[(judge(delivery) as Accepted).scheme] as Scheme
    const isTimed = 'time' in scheme && scheme.time !== undefined
    const late = judge(delivery, { now: delivery.at + 25 * hour })
    if (isTimed || scheme.scheme === 'jwt') expect(late).toMatchObject({ status: rejected, reason: 'too-old' })
    else expect(late).toMatchObject({ outcome: 'accepted' })
    const early = judge(delivery, { now: delivery.at - 25 * hour })
    if (isTimed) expect(early).toMatchObject({ status: rejected, reason: 'too-new' })
  })
})

function headersOf(scheme: Scheme, { headers }: DeliveryFixture): string[] {
  const names =
    'signs' in scheme
      ? scheme.header.names.map(name => name.replace('{n}', '1'))
      : scheme.scheme === 'jwt'
        ? [scheme.header]
        : scheme.scheme === 'basic'
          ? ['authorization']
          : scheme.scheme === 'token' && typeof scheme.at === 'object' && 'header' in scheme.at
            ? [scheme.at.header]
            : []
  // Of several numbered signatures one is enough: damage to another proves nothing.
  return names.filter(name => headerCount(headers, name) > 0 && headerCount(headers, name.replace(/1$/, '2')) === 0)
}

function withoutHeader(headers: string[], name: string): string[] {
  return headers.filter((_, index) => headers[index - (index % 2)]?.toLowerCase() !== name)
}
