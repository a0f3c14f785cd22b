import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findSample } from '../../src/deliver/trigger-sample.ts'
import { readFixtures } from '../../src/simulate/fixtures.ts'
import { fixtureDir, readJson, testedProviders } from '../helpers/fixtures.ts'

describe.each(testedProviders.map(definition => [definition.id, definition] as const))('%s', (id, definition) => {
  test('speaks to people: short labels, what a pattern means, and a page of its own where an app is made', () => {
    const { portal, secrets, settings = {}, docs } = definition
    const named = [portal.clientId, portal.redirectUri, portal.callbackUrl, ...Object.values(secrets)]
    for (const { label } of [...named, ...Object.values(settings)]) expect(label.length, label).toBeLessThanOrEqual(32)
    for (const { shape } of [...definition.accounts, ...Object.values(settings)])
      expect(shape).not.toMatch(/[\^$[\]{}\\]/)
    expect([docs.oauth, docs.webhooks]).not.toContain(docs.portal)
    expect(docs.portal).not.toMatch(/\/(docs|api-reference|reference)\//)
  })

  test('the sample that is sent where nobody names one is a tenant’s', () => {
    const { usual } = readJson<{ usual: string }>(join(fixtureDir(id), 'deliveries.json'))
    const { events } = readFixtures(definition, fixtureDir(id))
    const shapes = definition.webhook.shapes.filter(({ scope }) => scope !== 'app').map(({ name }) => name)
    expect(
      shapes.some(name => events.get(name)?.includes(usual)),
      usual,
    ).toBe(true)
    expect(findSample(definition, id, readFixtures(definition, fixtureDir(id)))).toMatchObject({
      event: usual,
      shape: expect.toSatisfy((name: string) => shapes.includes(name)),
    })
  })
})
