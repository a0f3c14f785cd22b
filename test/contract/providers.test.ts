import { Buffer } from 'node:buffer'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import { header, headerCount, setHeader } from '../../src/core/headers.ts'
import { type IngestedItem, ingest, readItems } from '../../src/core/ingest.ts'
import { cutPart } from '../../src/core/part.ts'
import { composeSample, joinSamples, signDelivery } from '../../src/core/sample.ts'
import { definitionFaults } from '../../src/core/validate-definition.ts'
import { demoProvider, providerOf, providers } from '../../src/providers/index.ts'
import { type DeliveryFixture, deliveryFixtures, fixtureDir, sampleFixtures } from '../helpers/fixtures.ts'

const root = new URL('../../', import.meta.url).pathname

test('the registry lists the files of its folder, and every one has fixtures', () => {
  const files = readdirSync(join(root, 'src/providers'))
    .filter(name => name.endsWith('.ts') && name !== 'index.ts' && !name.startsWith('_'))
    .map(name => name.slice(0, -3))
  expect(providers.map(({ id }) => id).sort()).toEqual(files.sort())
  const folders = readdirSync(join(root, 'fixtures'), { withFileTypes: true }).filter(entry => entry.isDirectory())
  expect(folders.map(({ name }) => name).sort()).toEqual(files)
  for (const definition of providers) expect(providerOf(definition.id)).toBe(definition)
  expect(providers).toContain(demoProvider)
})

describe.each(providers.map(definition => [definition.id, definition] as const))('%s', (id, definition) => {
  const deliveries = deliveryFixtures(id)
  const samples = sampleFixtures(id)

  test('is sound data and survives JSON', () => {
    expect(definitionFaults(definition)).toEqual([])
    expect(JSON.parse(JSON.stringify(definition))).toEqual(definition)
  })

  test('has a published signature as witness, and no bytes that nobody expects', () => {
    expect(deliveries.filter(({ witness }) => witness.published).length).toBeGreaterThan(0)
    for (const { witness } of deliveries) expect(witness.source && witness.how).toBeTruthy()
    const files = readdirSync(join(fixtureDir(id), 'deliveries')).map(name => `deliveries/${name}`)
    expect(files.sort()).toEqual(deliveries.map(({ file }) => file).sort())
    expect(deliveries.some(({ expect: wanted }) => wanted.outcome === 'rejected')).toBe(true)
  })

  test.each(deliveries.map(delivery => [delivery.name, delivery] as const))('delivery %s', (_, delivery) => {
    const result = judge(definition, delivery)
    if (delivery.expect.outcome === 'rejected') {
      expect(result).toMatchObject(delivery.expect)
      return
    }
    const { items, ...rest } = result as Extract<typeof result, { outcome: 'accepted' }>
    expect(rest).toEqual({ outcome: 'accepted', status: delivery.expect.status, secretId: 2 })
    expect(items.map(shown)).toEqual(delivery.expect.items)
  })

  const accepted = deliveries.filter(({ expect: wanted }) => wanted.outcome === 'accepted')

  test.each(accepted.map(delivery => [delivery.name, delivery] as const))('forgeries of %s', (_, delivery) => {
    const { header: name } = definition.webhook.verify
    const refused = { outcome: 'rejected', status: definition.webhook.reply.rejected }
    for (let at = 0; at < delivery.body.length; at++) {
      const body = Buffer.from(delivery.body)
      body[at] = (body[at] as number) ^ 1
      expect(judge(definition, { ...delivery, body })).toMatchObject({ ...refused, reason: 'wrong-secret' })
    }
    const longer = Buffer.concat([delivery.body, Buffer.from(' ')])
    expect(judge(definition, { ...delivery, body: longer })).toMatchObject({ ...refused, reason: 'wrong-secret' })
    const secret = `${delivery.secrets[definition.webhook.verify.secret]}x`
    const secrets = { [definition.webhook.verify.secret]: secret }
    expect(judge(definition, { ...delivery, secrets })).toMatchObject({ ...refused, reason: 'wrong-secret' })
    const twice = [...delivery.headers, name.toUpperCase(), header(delivery.headers, name) as string]
    expect(judge(definition, { ...delivery, headers: twice })).toMatchObject({ ...refused, reason: 'doubled-header' })
    const empty = setHeader(delivery.headers, name, '')
    expect(judge(definition, { ...delivery, headers: empty })).toMatchObject({ ...refused, reason: 'missing-header' })
    expect(ingest(definition, delivery, [])).toMatchObject({ outcome: 'rejected', status: 503, reason: 'no-secret' })
    expect(ingest(definition, { ...delivery, method: 'PATCH' }, [])).toMatchObject({ status: 405, reason: 'method' })
  })

  test.each(accepted.map(delivery => [delivery.name, delivery] as const))('every part of %s', (_, delivery) => {
    const whole = readItems(definition, delivery)
    expect(cutPart(definition, delivery.body, starts(whole))).toBeNull()
    for (let chosen = 1; chosen < 2 ** whole.length - 1; chosen++) {
      const kept = whole.filter((_, index) => chosen & (1 << index))
      const part = cutPart(definition, delivery.body, starts(kept)) as Buffer
      expect(() => JSON.parse(withoutMark(part))).not.toThrow()
      const again = readItems(definition, { ...delivery, body: part })
      expect(again.map(item => bytesOf(part, item))).toEqual(kept.map(item => bytesOf(delivery.body, item)))
      expect(again.map(withoutPlace)).toEqual(kept.map(withoutPlace))
    }
  })

  test.each(samples.map(sample => [`${sample.shape} ${sample.event}`, sample] as const))('sample %s', (_, sample) => {
    const items = readItems(definition, { method: 'POST', ...sample })
    expect(items).toMatchObject([{ shape: sample.shape, event: sample.event, fault: null }])
    const accounts = Object.fromEntries(definition.accounts.map(({ kind }, index) => [kind, `77${index}`]))
    const at = Date.UTC(2027, 1, 3, 4, 5, 6)
    const random = Buffer.alloc(16, 7)
    const made = composeSample(definition, sample, { accounts, random, at, resourceId: '4711', deletedId: '4712' })
    const [before] = items as [IngestedItem]
    const [after] = readItems(definition, { method: 'POST', ...made }) as [IngestedItem]
    expect(after.accounts.map(({ kind, value }) => [kind, value])).toEqual(Object.entries(accounts))
    expect(after).toMatchObject({ shape: before.shape, event: before.event, providerEvent: before.providerEvent })
    expect(after.resource?.id).toBe(before.resource ? '4711' : undefined)
    expect(after.resource?.deletedId).toBe(before.resource?.deletedId ? '4712' : undefined)
    if (before.occurredAt) expect(Date.parse(after.occurredAt as string)).toBe(at)
    if (before.providerEventId) expect(after.providerEventId).not.toBe(before.providerEventId)
    expect(after.providerEventId?.length).toBe(before.providerEventId?.length)
    const signed = { method: 'POST', body: made.body, headers: signDelivery(definition, made, 'a-secret') }
    expect(headerCount(signed.headers, definition.webhook.verify.header)).toBe(1)
    expect(ingest(definition, signed, [{ id: 1, value: 'a-secret' }])).toMatchObject({ outcome: 'accepted' })
  })

  test('samples of a shape join into one delivery whose items are theirs, byte for byte', () => {
    for (const { name: shape } of definition.webhook.shapes) {
      const some = samples.filter(sample => sample.shape === shape).slice(0, 4)
      expect(some.length).toBeGreaterThan(1)
      for (const values of [
        ['1', '1', '2', '1'],
        ['1', '2', '2', '3'],
        ['1', '1', '1', '1'],
      ]) {
        const made = some.map((sample, index) => {
          const accounts = Object.fromEntries(definition.accounts.map(({ kind }) => [kind, values[index] as string]))
          return composeSample(definition, sample, { accounts })
        })
        const joined = joinSamples(definition, made)
        const items = readItems(definition, { method: 'POST', ...joined })
        expect(items.map(item => item.accounts[0]?.value)).toEqual(values.slice(0, made.length))
        const alone = made.flatMap(one =>
          readItems(definition, { method: 'POST', ...one }).map(item => bytesOf(one.body, item)),
        )
        expect(items.map(item => bytesOf(joined.body, item))).toEqual(alone)
      }
    }
  })

  test('has what the simulator answers with', () => {
    const dir = fixtureDir(id)
    for (const { kind } of definition.accounts) expect(existsSync(join(dir, `api/${kind}.json`))).toBe(true)
    for (const name of ['unauthorized', 'forbidden', 'not-found', 'bad-request']) {
      expect(JSON.parse(readFileSync(join(dir, `api/${name}.json`), 'utf8'))).toMatchObject({
        status: expect.any(Number),
      })
    }
    const accounts = JSON.parse(readFileSync(join(dir, 'accounts.json'), 'utf8')) as {
      values: Record<string, string>
    }[]
    expect(accounts.length).toBeGreaterThanOrEqual(3)
    for (const { kind, pattern } of definition.accounts) {
      for (const { values } of accounts) expect(values[kind]).toMatch(new RegExp(pattern))
    }
  })
})

function judge(definition: ProviderDefinition, delivery: Omit<DeliveryFixture, 'name'>) {
  const value = delivery.secrets[definition.webhook.verify.secret] as string
  return ingest(definition, delivery, [
    { id: 1, value: 'another secret of the same app' },
    { id: 2, value },
  ])
}

function shown(item: IngestedItem) {
  const { event, providerEvent, providerEventId, resource, occurredAt, pointer, shape } = item
  const accounts = item.accounts.map(({ kind, value }) => `${kind}:${value}`)
  const unreadable = item.fault === null ? {} : { unreadable: true }
  return { event, providerEvent, accounts, providerEventId, resource, occurredAt, pointer, shape, ...unreadable }
}

function starts(items: IngestedItem[]): number[] {
  return items.map(item => item.start)
}

function bytesOf(body: Buffer, item: IngestedItem): string {
  return body.toString('latin1', item.start, item.start + item.length)
}

/** What must be the same when an item stands at another place. */
function withoutPlace(item: IngestedItem) {
  const { start: _start, pointer: _pointer, accounts, fault, ...rest } = item
  return { ...rest, accounts: accounts.map(({ kind, value }) => ({ kind, value })), readable: fault === null }
}

function withoutMark(body: Buffer): string {
  return body.toString().replace(/^\ufeff/, '')
}
