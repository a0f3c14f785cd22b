import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exportDelivery } from '../../src/app/export-delivery.ts'
import { importDelivery } from '../../src/app/import-delivery.ts'
import { verifySaved } from '../../src/app/verify-saved.ts'
import { ingest } from '../../src/core/ingest.ts'
import { keyringFor } from '../../src/receive/receiving-app.ts'
import { storeDelivery } from '../../src/receive/store-delivery.ts'
import { deliveryFixtures, testedProviders } from '../helpers/fixtures.ts'
import { appHere } from '../helpers/listener-here.ts'
import { tempHome } from '../helpers/temp-home.ts'

/** The fixtures that an app's own secrets prove. */
const cases = testedProviders.flatMap(definition =>
  deliveryFixtures(definition.id)
    .filter(({ expect: { outcome }, activations, keys }) => {
      return outcome === 'accepted' && activations.length === 0 && Object.keys(keys).length === 0
    })
    .slice(0, 2)
    .map(fixture => [`${definition.id}: ${fixture.name}`, definition, fixture] as const),
)

test('there are deliveries of most providers to try', () => {
  expect(new Set(cases.map(([, { id }]) => id)).size).toBeGreaterThan(testedProviders.length / 2)
})

test.each(cases)(
  '%s travels without its secrets, and verifies where they are the same',
  async (_, definition, fixture) => {
    const { id: provider } = definition
    const [from, to, strange] = [appHere(tempHome()), appHere(tempHome()), appHere(tempHome())]
    const other = Object.fromEntries(Object.entries(fixture.secrets).map(([name, value]) => [name, spoiled(value)]))
    for (const [app, secrets] of [
      [from, fixture.secrets],
      [to, fixture.secrets],
      [strange, other],
    ] as const) {
      const env = Object.keys(definition.hosts)[0] as 'production'
      const { settings } = fixture
      await app.store().write('addApp', { name: provider, provider, env, clientId: 'id', hosts: {}, settings, secrets })
    }
    const receiving = await from.receivingApp(await from.findApp(provider))
    const at = { activation: null, keys: {}, publicUrls: [], triggerKey: null, now: fixture.at }
    const keyring = { ...keyringFor(receiving, at), urls: [fixture.url] }
    const result = ingest(definition, fixture, keyring)
    if (result.outcome !== 'accepted') throw new Error(`${provider} is ${JSON.stringify(result)}`)
    const { method, suffix, headers, body } = fixture
    const request = { appId: receiving.id, receivedAt: fixture.at, method, path: `/hooks/${provider}`, suffix, body }
    const stored = { ...request, headers: JSON.stringify(headers), source: 'delivery' as const }
    const { seq: deliverySeq } = await storeDelivery(from.store(), receiving, result, stored)
    const out = tempHome()
    const written = await exportDelivery(from, { request: { deliverySeq }, as: 'json', out })
    const [file = '', bodyFile = ''] = written?.files ?? []
    const script = (await exportDelivery(from, { request: { deliverySeq }, as: 'curl', out: join(out, 'sh') }))
      ?.files[0]
    for (const one of [file, bodyFile, script as string]) {
      const text = readFileSync(one, 'latin1')
      for (const secret of Object.values(fixture.secrets).filter(one => one.length >= 8))
        expect(text).not.toContain(secret)
    }
    const isSignature = definition.webhook.verify[result.scheme]?.scheme !== 'jwt' && result.verified === 'signature'
    if (isSignature) expect(readFileSync(bodyFile)).toEqual(body)
    const here = await verifySaved(to, file, undefined)
    expect(here.verified).toBe(isSignature ? 'signature' : 'none')
    expect((await verifySaved(strange, file, undefined)).verified).toBe('none')
    const imported = await importDelivery(strange, { file })
    expect(imported.events.length).toBeGreaterThan(0)
    for (const event of imported.events)
      expect(event).toMatchObject({ verified: 'none', source: 'import', forwards: '[]' })
    const same = await importDelivery(to, { file })
    expect(same.unverified === null).toBe(isSignature)
  },
)

/** Of the same form, and another. */
function spoiled(secret: string): string {
  return secret
    .replace(/[a-z0-9](?=[^a-z0-9]*$)/i, last => (last === '4' ? '5' : '4'))
    .replace(/[a-f0-9]/i, first => (first === 'a' ? 'b' : 'a'))
}
