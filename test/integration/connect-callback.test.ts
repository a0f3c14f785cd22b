import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { awaitConsent } from '../../src/connect/await-consent.ts'
import { hashOf } from '../../src/connect/consent.ts'
import { departAtTerminal, finishPasted } from '../../src/connect/finish-pasted.ts'
import { openBrowser } from '../helpers/browser.ts'
import { type ConsentWorld, connectionOf, failureOf, named, openConsentWorld } from '../helpers/consent-world.ts'

const realm = '9341453900000001234'
let world: ConsentWorld

beforeEach(async () => {
  world = await openConsentWorld()
})
afterEach(() => world.close())

test('a reloaded callback shows the same outcome and exchanges nothing again; the link is used up', async () => {
  const { url } = await world.makeLink(named('acme'))
  const browser = openBrowser()
  const done = await browser.post(url)
  const again = await browser.get(done.url)
  expect(again.text).toBe(done.text)
  expect((await browser.get(url)).text).toContain('Acme Holdings is connected')
  expect((await browser.post(url)).text).toContain('Acme Holdings is connected')
  expect(world.exchanges()).toBe(1)
})

test('two callbacks at once make one exchange', async () => {
  const { url } = await world.makeLink(named('acme'))
  const browser = openBrowser()
  const atProvider = await browser.step('POST', url)
  const back = await browser.step('GET', atProvider.headers.get('location') as string)
  const callback = back.headers.get('location') as string
  const pages = await Promise.all([1, 2, 3, 4].map(() => browser.get(callback)))
  for (const page of pages) expect(page.text).toContain('Acme Holdings is connected')
  expect(world.exchanges()).toBe(1)
})

test('going back and pressing Continue again gives a fresh state; the old one is void and harms nothing', async () => {
  const { url } = await world.makeLink(named('acme'))
  const browser = openBrowser()
  const first = await browser.step('POST', url)
  const second = await browser.step('POST', url)
  const stale = await browser.get(first.headers.get('location') as string)
  expect(stale).toMatchObject({ status: 400 })
  expect(stale.text).toContain('This answer belongs to no question')
  expect(world.exchanges()).toBe(0)
  expect((await browser.get(second.headers.get('location') as string)).text).toContain('is connected')
})

test('a callback with a made-up state, a doubled state or for another app is not taken', async () => {
  const { url, link } = await world.makeLink()
  const browser = openBrowser()
  const back = await browser.step('GET', (await browser.step('POST', url)).headers.get('location') as string)
  const callback = new URL(back.headers.get('location') as string)
  const wrong = ['?code=x&state=made-up', '?code=x', `${callback.search}&state=two`]
  for (const search of wrong) {
    expect(await browser.get(callback.origin + callback.pathname + search)).toMatchObject({ status: 400 })
  }
  expect(await browser.get(callback.href.replace('/callback/qbo', '/callback/other'))).toMatchObject({ status: 400 })
  expect(world.exchanges()).toBe(0)
  await browser.get(callback.href)
  expect((await world.outcomeOf(link))?.ok).toBe(true)
})

test('a callback in another browser is refused and nothing is lost: the first browser still finishes', async () => {
  const { url, link } = await world.makeLink()
  const browser = openBrowser()
  const back = await browser.step('GET', (await browser.step('POST', url)).headers.get('location') as string)
  const callback = back.headers.get('location') as string
  const stranger = await openBrowser().get(callback)
  expect(stranger.text).toContain('This is another browser')
  expect(await world.outcomeOf(link)).toBeNull()
  expect((await browser.get(callback)).text).toContain('is connected')
})

test('two consents side by side in one browser do not undo each other', async () => {
  const browser = openBrowser()
  const [one, two] = [await world.makeLink(named('acme')), await world.makeLink(named('globex'))]
  const first = await browser.step('POST', one.url)
  world.provider.mood = { realm: '5678', companyName: 'Globex' }
  expect((await browser.post(two.url)).text).toContain('Globex is connected')
  world.provider.mood = { realm, companyName: 'Acme Holdings' }
  expect((await browser.get(first.headers.get('location') as string)).text).toContain('Acme Holdings is connected')
})

test('a process without the secret keeps the callback sealed, and the waiting one finishes', async () => {
  const { link } = await world.makeLink(named('acme'))
  const other = await world.another({ secretsOf: async () => [] })
  const browser = openBrowser()
  const departure = await browser.step('POST', `http://localhost:${other.port}/connect/${link}`)
  const back = await browser.step('GET', departure.headers.get('location') as string)
  const callback = new URL(back.headers.get('location') as string)
  const code = callback.searchParams.get('code') as string
  callback.port = String(other.port)
  const page = browser.get(callback.href)
  await expect.poll(async () => (await world.store.read('findConsent', { linkHash: hashOf(link) }))?.state).toBe('code')
  const files = readdirSync(world.home).map(name => readFileSync(join(world.home, name)))
  expect(files.some(bytes => bytes.includes(code))).toBe(false)
  expect(world.exchanges()).toBe(0)
  const waiting = [1, 2].map(() => awaitConsent(world.deps, link, { timeoutMs: 30_000 }))
  for (const outcome of await Promise.all(waiting)) expect(connectionOf(outcome).tenants).toEqual(['acme'])
  expect((await page).text).toContain('Acme Holdings is connected')
  expect([world.exchanges(), world.ended.length, other.ended.length]).toEqual([1, 1, 0])
})

test('a process that can see the secret finishes for the waiting one, through its writer thread too', async () => {
  const { link } = await world.makeLink(named('acme'))
  const other = await world.another()
  await other.store.startWriter()
  const waiting = awaitConsent(world.deps, link, { timeoutMs: 30_000 })
  const browser = openBrowser()
  const departure = await browser.step('POST', `http://localhost:${other.port}/connect/${link}`)
  const back = await browser.step('GET', departure.headers.get('location') as string)
  const callback = new URL(back.headers.get('location') as string)
  callback.port = String(other.port)
  expect((await browser.get(callback.href)).text).toContain('is connected')
  expect(connectionOf(await waiting).tenants).toEqual(['acme'])
  expect([world.ended.length, other.ended.length]).toEqual([0, 1])
})

test('a pasted redirect finishes at the terminal: newest state only, never in a browser', async () => {
  const { link } = await world.makeLink(named('acme'))
  const authorize = (await departAtTerminal(world.deps, link)) as string
  const back = await openBrowser().step('GET', authorize)
  const callback = back.headers.get('location') as string
  expect((await openBrowser().get(callback)).text).toContain('This is another browser')
  const paste = (text: string) => finishPasted(world.deps, link, text)
  await expect(paste('hello')).rejects.toMatchObject({ code: 'not-the-redirect', exit: 2 })
  await expect(paste(callback.replace('/qbo', '/other'))).rejects.toMatchObject({ code: 'not-the-redirect' })
  await expect(paste(callback.replace('state=', 'state=x'))).rejects.toMatchObject({ code: 'wrong-state' })
  await expect(paste(callback.replace(/code=\w+&/, ''))).rejects.toMatchObject({ code: 'not-the-redirect' })
  expect(connectionOf(await paste(`  "${callback}"\n`)).tenants).toEqual(['acme'])
  expect(connectionOf(await paste(callback)).tenants).toEqual(['acme'])
  expect(world.exchanges()).toBe(1)
  expect(await departAtTerminal(world.deps, link)).toBeNull()
})

test('a pasted refusal fails the consent', async () => {
  world.provider.mood.refuses = true
  const { link } = await world.makeLink()
  const back = await openBrowser().step('GET', (await departAtTerminal(world.deps, link)) as string)
  const outcome = await finishPasted(world.deps, link, back.headers.get('location') as string)
  expect(failureOf(outcome)).toMatchObject({ code: 'consent-denied', exit: 4 })
})
