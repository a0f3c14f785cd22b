import { expect, test } from 'vitest'
import { startChild } from '../helpers/child.ts'
import { things } from '../helpers/refresh-deps.ts'
import { oldTokens, openRefreshWorld } from '../helpers/refresh-world.ts'
import { queryFile } from '../helpers/temp-home.ts'

const hour = 3_600_000

test('a token that has ended is refreshed before the call, and the new ones are stored', async () => {
  const { call, provider, stored } = await openRefreshWorld()
  expect(await call()).toEqual([200])
  expect(provider.refreshes).toEqual([oldTokens.refresh])
  expect(provider.calls).toEqual(['fresh-access-1-5ec2e7'])
  expect(await stored()).toMatchObject({ access: 'fresh-access-1-5ec2e7', refresh: 'fresh-refresh-1-5ec2e7' })
  expect(await call()).toEqual([200])
  expect(provider.refreshes).toHaveLength(1)
})

test('50 calls at once in two processes with an ended token make exactly one refresh', async () => {
  const { home, connection, provider } = await openRefreshWorld()
  const children = [0, 1].map(() => startChild('refresh-child.ts', [home, connection, '50']))
  await Promise.all(children.map(child => child.waitForLines(1)))
  for (const child of children) child.write('go\n')
  await Promise.all(children.map(child => child.ended))
  const good = Array.from({ length: 50 }, () => '200')
  for (const { lines } of children) expect(lines).toEqual(['ready', 'begun', ...good])
  expect(provider.refreshes).toEqual([oldTokens.refresh])
  expect(new Set(provider.calls)).toEqual(new Set(['fresh-access-1-5ec2e7']))
  expect(provider.calls).toHaveLength(100)
}, 60_000)

test('what waits for a refresh that fails shares how it failed, and a later call tries again', async () => {
  const { home, connection, call, provider, stored } = await openRefreshWorld()
  let isAsked = (): void => undefined
  const asked = new Promise<void>(resolve => {
    isAsked = resolve
  })
  let goOn = (): void => undefined
  const mayGoOn = new Promise<void>(resolve => {
    goOn = resolve
  })
  provider.mood.onRefresh = async () => {
    isAsked()
    await mayGoOn
  }
  provider.mood.tokenAnswers.push({ status: 503 })
  const child = startChild('refresh-child.ts', [home, connection, '5'])
  await child.waitForLines(1)
  const here = expect(call()).rejects.toMatchObject({ code: 'token-endpoint', exit: 10 })
  await asked
  child.write('go\n')
  await child.waitForLines(2)
  goOn()
  await here
  await child.ended
  expect(child.lines.slice(2)).toEqual(Array.from({ length: 5 }, () => 'token-endpoint'))
  expect(provider.refreshes).toHaveLength(1)
  expect((await stored()).state).toBe('active')
  expect(await call()).toEqual([200])
}, 60_000)

test('a process that is killed while it refreshes holds nobody up for longer than its claim', async () => {
  const { home, connection, call, provider, clock } = await openRefreshWorld()
  let isAsked = (): void => undefined
  const asked = new Promise<void>(resolve => {
    isAsked = resolve
  })
  provider.mood.onRefresh = () => {
    isAsked()
    return new Promise(() => undefined)
  }
  const child = startChild('refresh-child.ts', [home, connection, '1'])
  await child.waitForLines(1)
  child.write('go\n')
  await asked
  child.kill('SIGKILL')
  await child.ended
  delete provider.mood.onRefresh
  const waiting = call()
  const early = await Promise.race([waiting, new Promise(resolve => setTimeout(resolve, 300, 'still waiting'))])
  expect(early).toBe('still waiting')
  clock.ahead = 60_000
  expect(await waiting).toEqual([200])
  expect(provider.refreshes).toEqual([oldTokens.refresh, oldTokens.refresh])
}, 60_000)

test('a kill between the provider’s answer and the store: the token before is asked with once more', async () => {
  const { call, provider, clock, stored } = await openRefreshWorld()
  provider.mood.isStrict = false
  expect(await call()).toEqual([200])
  // The provider forgot what it gave last, as where its own answer was lost; the one before is good still.
  provider.refresh.delete('fresh-refresh-1-5ec2e7')
  clock.ahead = 2 * hour
  expect(await call()).toEqual([200])
  expect(provider.refreshes).toEqual([oldTokens.refresh, 'fresh-refresh-1-5ec2e7', oldTokens.refresh])
  expect((await stored()).refresh).toBe('fresh-refresh-2-5ec2e7')
  // It has served: once the new one has worked itself the old one is not kept any more.
  clock.ahead = 4 * hour
  expect(await call()).toEqual([200])
  provider.refresh.clear()
  provider.refresh.add(oldTokens.refresh)
  clock.ahead = 6 * hour
  await expect(call()).rejects.toMatchObject({ code: 'connection-broken' })
})

test('an answer that was cut off: the same refresh token is tried again by the next call', async () => {
  const { call, provider } = await openRefreshWorld()
  provider.mood.isStrict = false
  provider.mood.tokenAnswers.push('issued, then cut')
  await expect(call()).rejects.toMatchObject({ code: 'unreachable', exit: 10 })
  expect(await call()).toEqual([200])
  expect(provider.refreshes).toEqual([oldTokens.refresh, oldTokens.refresh])
})

test('tokens of a refresh and the one before are sealed', async () => {
  const { home, call, provider } = await openRefreshWorld()
  await call()
  const [row] = queryFile<{ earlier_sealed: Buffer; claimed_by: string | null }>(home, 'SELECT * FROM token_sets')
  expect(row?.earlier_sealed).toBeInstanceOf(Buffer)
  expect(row?.claimed_by).toBeNull()
  const bytes = JSON.stringify(queryFile(home, 'SELECT * FROM token_sets'))
  for (const token of [...provider.given, oldTokens.access, oldTokens.refresh]) {
    expect(bytes).not.toContain(Buffer.from(token).toString('hex'))
    expect(Buffer.concat(Object.values(row ?? {}).filter(one => Buffer.isBuffer(one))).includes(token)).toBe(false)
  }
})

test('a token that the provider refuses is refreshed once, and the call made again', async () => {
  const { call, provider } = await openRefreshWorld({ leftMs: hour })
  provider.access.clear()
  expect(await call()).toEqual([200])
  expect(provider.calls).toEqual([oldTokens.access, 'fresh-access-1-5ec2e7'])
  provider.mood.apiAnswers.push({ status: 401 }, { status: 401 })
  expect(await call()).toEqual([401])
  expect(provider.refreshes).toHaveLength(2)
})

test('50 calls whose token is refused refresh it once', async () => {
  const { call, provider } = await openRefreshWorld({ leftMs: hour })
  provider.access.clear()
  expect(await Promise.all(Array.from({ length: 50 }, () => call()))).toEqual(Array.from({ length: 50 }, () => [200]))
  expect(provider.refreshes).toHaveLength(1)
})

test('a token is replaced some time before its end; what fails then leaves it in use', async () => {
  const { call, provider } = await openRefreshWorld({ leftMs: 0 })
  expect(await call()).toEqual([200])
  const soon = await openRefreshWorld({ leftMs: 10 * hour })
  soon.clock.ahead = 10 * hour - 60_000
  soon.provider.mood.tokenAnswers.push({ status: 500 })
  expect(await soon.call()).toEqual([200])
  expect(soon.provider.calls).toEqual([oldTokens.access])
  expect(await soon.call()).toEqual([200])
  expect(soon.provider.calls).toEqual([oldTokens.access, 'fresh-access-1-5ec2e7'])
  expect(provider.refreshes).toHaveLength(1)
})

test('refused: every connection of the consent is broken, why and what mends it are said, nothing is asked again', async () => {
  const { call, provider, store, stored } = await openRefreshWorld({ others: ['globex'] })
  provider.mood.isRevoked = true
  const why = 'Example Inc. refused to refresh it: invalid_grant: *** is not good'
  const error = { code: 'connection-broken', exit: 4, why, next: 'whs connect small --tenant acme' }
  await expect(call()).rejects.toMatchObject(error)
  expect(await stored()).toMatchObject({ state: 'broken', why })
  expect((await store.read('findTenant', { name: 'globex' }))?.connections).toMatchObject([{ state: 'broken', why }])
  await expect(call()).rejects.toMatchObject(error)
  expect(provider.refreshes).toHaveLength(1)
  expect(provider.calls).toEqual([])
})

test('the definition’s own words for a dead refresh token count too', async () => {
  const refresh = { kind: 'rotating' as const, refused: ['bad_refresh_token'] }
  const { call, provider, stored } = await openRefreshWorld({ oauth: { refresh } })
  provider.mood.tokenAnswers.push({ status: 401, body: { error: 'bad_refresh_token' } })
  await expect(call()).rejects.toMatchObject({ code: 'connection-broken' })
  expect((await stored()).state).toBe('broken')
})

const passing: [string, object | 'cut', object][] = [
  ['500', { status: 500 }, { code: 'token-endpoint', exit: 10 }],
  ['429', { status: 429 }, { code: 'token-endpoint', exit: 10 }],
  ['no JSON', { status: 200, body: '<html>' }, { code: 'token-endpoint', exit: 10 }],
  ['another error', { status: 400, body: { error: 'invalid_request' } }, { code: 'token-endpoint', exit: 10 }],
  ['cut off', 'cut', { code: 'unreachable', exit: 10 }],
  [
    'the client is refused',
    { status: 401, body: { error: 'invalid_client' } },
    { code: 'client-refused', exit: 4, next: 'whs app set small --client-secret -' },
  ],
]

test.each(passing)('%s from the token endpoint breaks nothing', async (_name, answer, error) => {
  const { call, provider, stored } = await openRefreshWorld()
  provider.mood.tokenAnswers.push(answer as 'cut')
  await expect(call()).rejects.toMatchObject(error)
  expect((await stored()).state).toBe('active')
  expect(await call()).toEqual([200])
})

test('a refresh that answers without a refresh token leaves the present one, one without a lifetime takes the definition’s', async () => {
  const { call, provider, stored } = await openRefreshWorld({ oauth: { accessSeconds: 600 } })
  provider.mood.isStrict = false
  provider.mood.reply = { refresh_token: undefined, expires_in: undefined, scope: 'one two' }
  expect(await call()).toEqual([200])
  const { refresh, accessExpiresAt, scopes } = await stored()
  expect(refresh).toBe(oldTokens.refresh)
  expect(scopes).toBe('one two')
  expect(Math.abs((accessExpiresAt ?? 0) - Date.now() - 600_000)).toBeLessThan(30_000)
})

test('what the reply teaches is known from then on', async () => {
  const reply = { learn: { dc: '$.dc' } }
  const { call, provider, stored } = await openRefreshWorld({ oauth: { reply } })
  provider.mood.reply = { dc: 'us7' }
  expect(await call()).toEqual([200])
  expect((await stored()).slots).toEqual({ dc: 'us7' })
  expect(await call({ ...things, url: '{api}/{dc}/things' })).toEqual([200])
})

test('without a refresh token: one that has ended, and one that is refused, break the connection', async () => {
  const ended = await openRefreshWorld({ refresh: null })
  await expect(ended.call()).rejects.toMatchObject({ code: 'connection-broken', why: 'its token ended' })
  expect(ended.provider.refreshes).toEqual([])
  const refused = await openRefreshWorld({ refresh: null, leftMs: null })
  refused.provider.access.clear()
  await expect(refused.call()).rejects.toMatchObject({
    code: 'connection-broken',
    why: 'Example Inc. refused its token',
  })
  expect(await refused.stored()).toMatchObject({ state: 'broken' })
})

test('without a refresh token a refusal of one call is no end where the token can name its account', async () => {
  const { call, provider, stored } = await openRefreshWorld({ refresh: null, leftMs: null })
  provider.mood.apiAnswers.push({ status: 401 })
  expect(await call()).toEqual([401])
  expect((await stored()).state).toBe('active')
})
