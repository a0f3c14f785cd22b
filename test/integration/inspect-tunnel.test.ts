import { expect, onTestFinished, test } from 'vitest'
import { ask, signIn } from '../helpers/inspector-client.ts'
import { openInspectorWorld } from '../helpers/inspector-world.ts'
import { callbackPath, cloudEvents, signature } from '../helpers/listening.ts'
import { startNgrokEdge } from '../helpers/ngrok-edge.ts'
import { authtoken, domain } from '../helpers/tunnel-world.ts'

test('what comes through the tunnel never reaches the inspector, whatever it calls itself and whatever it brings', async () => {
  const edge = await startNgrokEdge({ authtoken, domains: [domain] })
  onTestFinished(() => edge.close())
  const { serverAddr, caPem } = edge
  const tunnel = { how: 'ngrok' as const, domain, authtoken, serverAddr, caPem }
  const world = await openInspectorWorld({ more: null, listen: { tunnel } })
  onTestFinished(() => world.close())
  const client = await signIn(await world.link())
  const { host, origin } = new URL(world.origin)
  const token = await world.app.store().read('listenerToken')
  const code = new URL(await world.link()).search

  const body = cloudEvents(['1'])
  const headers = { 'intuit-signature': signature(body), 'content-type': 'application/json' }
  const taken = await edge.request(domain, { method: 'POST', path: callbackPath, headers, body })
  expect(taken.status).toBe(200)

  const bring = { cookie: client.cookie, authorization: `Bearer ${token}`, 'sec-fetch-site': 'same-origin' }
  const gets = [
    '/api/now',
    '/api/events',
    '/api/stream',
    '/status',
    `/open${code}`,
    '/assets/index.js',
    '//api/now',
    '/hooks/../api/now',
  ]
  for (const name of [domain, host, 'localhost', '127.0.0.1']) {
    for (const path of gets) {
      const answer = await edge.request(domain, { path, headers: { ...bring, host: name } })
      expect([name, path, answer.status]).toEqual([name, path, 404])
      expect(answer.headers['set-cookie']).toBeUndefined()
      expect(answer.body.toString()).not.toContain('{')
    }
    for (const path of ['/code', '/api/replay', '/api/claim', '/api/connect']) {
      const post = {
        method: 'POST',
        path,
        body: '{}',
        headers: { ...bring, host: name, origin, 'content-type': 'application/json' },
      }
      expect([name, path, (await edge.request(domain, post)).status]).toEqual([name, path, 404])
    }
  }
  // The page itself stands at the local door alone, and the code is still good there.
  expect((await edge.request(domain, { path: '/' })).status).toBe(404)
  expect((await ask(world.origin, `/open${code}`)).status).toBe(303)
  expect(await client.get('/api/now')).toMatchObject({ events: 1, listener: { url: `https://${domain}` } })
})
