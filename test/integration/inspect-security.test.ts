import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EventPage, EventView } from '../../src/inspect/api.ts'
import { ask, type InspectorClient, signIn } from '../helpers/inspector-client.ts'
import { hostile } from '../helpers/inspector-odd.ts'
import { type InspectorWorld, openInspectorWorld } from '../helpers/inspector-world.ts'
import { token } from '../helpers/listening.ts'

let world: InspectorWorld
let client: InspectorClient
let host: string
beforeAll(async () => {
  world = await openInspectorWorld()
  client = await signIn(await world.link())
  host = new URL(world.origin).host
})
afterAll(() => world.close())

const paths = [
  '/api/now',
  '/api/events',
  '/api/tenants',
  '/api/parked',
  '/api/rejected',
  '/api/stream',
  '/api/events/x',
]

test('a foreign name that leads here (DNS rebinding) gets nothing, with the cookie too', async () => {
  const { cookie } = client
  const port = new URL(world.origin).port
  for (const name of [
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1',
    '127.0.0.1:80',
    `127.0.0.1.evil.example:${port}`,
  ]) {
    for (const path of [...paths, '/', '/assets/index.js', '/open?code=x']) {
      const { status, text } = await ask(world.origin, path, { headers: { cookie, host: name } })
      expect([name, path, status]).toEqual([name, path, 403])
      expect(text).not.toContain('"rows"')
    }
  }
  for (const name of [host, `localhost:${port}`, `[::1]:${port}`]) {
    expect((await ask(world.origin, '/api/now', { headers: { cookie, host: name } })).status).toBe(200)
  }
})

test('another page gets nothing: by Origin, by Sec-Fetch-Site, and no CORS header ever', async () => {
  const { cookie } = client
  const body = JSON.stringify({ app: 'quickbooks', account: '5', tenant: 'evil' })
  const good = { cookie, host, origin: `http://${host}`, 'content-type': 'application/json' }
  const foreign: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: `https://${host}` },
    { origin: 'http://127.0.0.1:3000' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]
  for (const headers of foreign) {
    for (const path of paths) {
      const { status } = await ask(world.origin, path, { headers: { cookie, host, ...headers } })
      expect([path, headers, status]).toEqual([path, headers, 403])
    }
    const posted = await ask(world.origin, '/api/claim', { method: 'POST', headers: { ...good, ...headers }, body })
    expect(posted.status).toBe(403)
  }
  const { origin: _, ...silent } = good
  expect((await ask(world.origin, '/api/claim', { method: 'POST', headers: silent, body })).status).toBe(403)
  const form = { ...good, 'content-type': 'text/plain' }
  expect((await ask(world.origin, '/api/claim', { method: 'POST', headers: form, body })).status).toBe(415)
  const preflight = await ask(world.origin, '/api/claim', {
    method: 'OPTIONS',
    headers: { host, origin: 'https://evil.example', 'access-control-request-method': 'POST' },
  })
  const all = [preflight, await ask(world.origin, '/api/now', { headers: { cookie, host, origin: `http://${host}` } })]
  for (const { headers } of all)
    expect(Object.keys(headers).filter(name => name.startsWith('access-control'))).toEqual([])
  expect(await world.app.store().read('findTenant', { name: 'evil' })).toBeNull()
})

test('nobody without the session: no cookie, another one, one of another port', async () => {
  const [name, value] = client.cookie.split('=') as [string, string]
  for (const cookie of ['', 'other=1', `${name}=`, `${name}=${'x'.repeat(43)}`, `whs_inspect_1=${value}`]) {
    for (const path of paths) {
      const answer = await ask(world.origin, path, { headers: cookie ? { cookie } : {} })
      expect([path, answer.status]).toEqual([path, 401])
      expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'signed-out', next: 'whs inspect' } })
    }
    const headers = { cookie, origin: world.origin, 'content-type': 'application/json' }
    for (const path of ['/api/replay', '/api/claim', '/api/connect']) {
      expect((await ask(world.origin, path, { method: 'POST', headers, body: '{}' })).status).toBe(401)
    }
  }
})

test('a code signs one browser in, once, for half a minute; a look at its headers does not use it up', async () => {
  const link = new URL(await world.link())
  const open = (headers: Record<string, string> = {}, method = 'GET') =>
    ask(world.origin, link.pathname + link.search, { method, headers })
  expect((await open({}, 'HEAD')).status).toBe(403)
  const first = await open()
  expect(first).toMatchObject({ status: 303, headers: { location: '/', 'referrer-policy': 'no-referrer' } })
  const [cookie] = first.headers['set-cookie'] as string[]
  expect(cookie).toMatch(/^whs_inspect_\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/)
  const second = await open()
  expect(second.status).toBe(403)
  expect(second.headers['set-cookie']).toBeUndefined()
  expect(second.text).toContain('whs inspect')
  const again = await open({ cookie: (cookie as string).split(';')[0] as string })
  expect(again).toMatchObject({ status: 303, headers: { location: '/' } })
  for (const path of ['/open', '/open?code=', '/open?code=x']) expect((await ask(world.origin, path)).status).toBe(403)
})

test('codes are given to who has the listener’s token, and to no page', async () => {
  const tokenOf = await world.app.store().read('listenerToken')
  const code = (headers: Record<string, string>) => ask(world.origin, '/code', { method: 'POST', headers })
  expect((await code({})).status).toBe(401)
  expect((await code({ cookie: client.cookie })).status).toBe(401)
  expect((await code({ authorization: 'Bearer x' })).status).toBe(401)
  expect((await code({ authorization: `Bearer ${tokenOf}`, origin: world.origin })).status).toBe(403)
  expect((await code({ authorization: `Bearer ${tokenOf}`, host: 'evil.example' })).status).toBe(403)
  expect((await code({ authorization: `Bearer ${tokenOf}` })).status).toBe(200)
})

test('every answer keeps the browser safe; text of strangers is JSON and nothing else', async () => {
  const { cookie } = client
  const api = await ask(world.origin, '/api/events?limit=500', { headers: { cookie } })
  expect(api.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  })
  const { rows } = JSON.parse(api.text) as EventPage
  const resources = rows.map(({ resource }) => resource?.id)
  for (const text of hostile) expect(resources).toContain(text)
  for (const { id } of rows.filter(({ resource }) => hostile.includes(resource?.id ?? ''))) {
    const answer = await ask(world.origin, `/api/events/${id}`, { headers: { cookie } })
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect((JSON.parse(answer.text) as EventView).row.id).toBe(id)
  }
  const odd = await ask(world.origin, `/api/events/${encodeURIComponent(hostile[1] as string)}`, {
    headers: { cookie },
  })
  expect([odd.status, odd.headers['content-type']]).toEqual([404, 'application/json; charset=utf-8'])
  for (const path of ['/', '/open?code=x', '/assets/none.js']) {
    const { headers } = await ask(world.origin, path)
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cross-origin-opener-policy': 'same-origin' })
  }
})

test('no file but the page’s own is given', async () => {
  const names = ['../package.json', '..%2fpackage.json', '%2e%2e/key', '..\\key', '%00', 'index.html', '.env', 'x.ts']
  for (const name of names) {
    const { status } = await ask(world.origin, `/assets/${name}`)
    expect([name, status]).toEqual([name, 404])
  }
})

test('no secret that whs holds is in any answer', async () => {
  const keys = [token, 'client-s3cret-of-ours', 's3cret-token-of-theirs']
  for (const stored of await world.app.store().read('listApps')) {
    for (const { value } of await world.app.keysOf(stored)) if (value.length >= 8) keys.push(value)
  }
  const texts: string[] = []
  const get = async (path: string): Promise<string> => {
    const { text } = await ask(world.origin, path, { headers: { cookie: client.cookie } })
    texts.push(text)
    return text
  }
  for (const path of ['/api/now', '/api/tenants', '/api/parked', '/api/rejected']) await get(path)
  for (const path of ['/api/events?limit=500', '/api/events?rejected=1&limit=500']) {
    const { rows } = JSON.parse(await get(path)) as EventPage
    for (const { id } of rows) await get(`/api/events/${id}`)
  }
  const replayed = await client.post('/api/replay', {
    id: (JSON.parse(await get('/api/events?tenant=acme')) as EventPage).rows[0]?.id,
  })
  texts.push(replayed.text)
  expect(texts.length).toBeGreaterThan(250)
  for (const key of keys) expect(texts.filter(text => text.includes(key)).map(text => text.slice(0, 300))).toEqual([])
})
