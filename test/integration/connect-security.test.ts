import { expect, onTestFinished, test } from 'vitest'
import { openBrowser } from '../helpers/browser.ts'
import { type ConsentWorld, failureOf, named, openConsentWorld } from '../helpers/consent-world.ts'

async function opened(): Promise<ConsentWorld> {
  const world = await openConsentWorld()
  onTestFinished(() => world.close())
  return world
}

test('what a provider says when it refuses is text: on the page without markup, at the terminal without controls', async () => {
  const world = await opened()
  const { link, url } = await world.makeLink(named('acme'))
  const browser = openBrowser()
  const state = stateOf(await browser.step('POST', url))
  const said = '<img src=x onerror=alert(1)>\u001b[2J\u202e\r\n'
  const query = new URLSearchParams({ state, error: 'server_error', error_description: said })
  const page = await browser.get(`http://localhost:${world.port}/oauth/callback/qbo?${query}`)
  expect(page.text).not.toMatch(/<img|onerror=alert\(1\)>|\p{Cc}\[|\u202e/u)
  const failure = failureOf((await world.outcomeOf(link)) as never)
  expect(failure).toMatchObject({ code: 'consent-failed', why: expect.stringContaining('server_error: <img') })
  expect(failure.why).not.toMatch(/\p{Cc}|\u202e/u)
})

test('no parameter leads a browser anywhere but to the provider', async () => {
  const world = await opened()
  const evil = 'https://evil.test/'
  const more = ['next', 'url', 'redirect', 'redirect_uri', 'return_to', 'continue'].map(name => `${name}=${evil}`)
  const { url } = await world.makeLink()
  const browser = openBrowser()
  const shown = await browser.get(`${url}?${more.join('&')}`)
  expect(shown.text).not.toContain('evil.test')
  const sent = await browser.step('POST', `${url}?${more.join('&')}`, { 'x-forwarded-host': 'evil.test' })
  const to = new URL(sent.headers.get('location') as string)
  expect([to.origin, to.href.includes('evil.test')]).toEqual([world.provider.origin, false])
  const callback = `http://localhost:${world.port}/oauth/callback/qbo?state=${stateOf(sent)}&code=x&${more.join('&')}`
  const back = await browser.step('GET', callback)
  expect([back.headers.get('location'), back.text.includes('evil.test')]).toEqual([null, false])
  for (const path of [`//evil.test/%2f..`, `/connect//evil.test`, `/connect/%2f%2fevil.test`, '/connect/..%2f..']) {
    const odd = await browser.step('GET', `http://localhost:${world.port}${path}`)
    expect([odd.headers.get('location'), odd.status >= 400]).toEqual([null, true])
  }
})

test('a state is good for one consent, once, until its end, and is nowhere in the store', async () => {
  const world = await opened()
  const { link, url } = await world.makeLink(named('acme'))
  const browser = openBrowser()
  const sent = await browser.step('POST', url)
  const state = stateOf(sent)
  const back = await browser.step('GET', sent.headers.get('location') as string)
  const callback = back.headers.get('location') as string
  await browser.get(callback)
  expect((await world.outcomeOf(link))?.ok).toBe(true)
  const other = await world.makeLink(named('globex'))
  await browser.step('POST', other.url)
  const replayed = callback.replace(/code=[^&]+/, 'code=another')
  await browser.get(replayed)
  expect([world.exchanges(), await world.outcomeOf(other.link)]).toEqual([1, null])
  const stored = await world.store.read('findConsentByState', { stateHash: state })
  expect(stored).toBeNull()

  const late = await world.makeLink(named('late'))
  const lateSent = await browser.step('POST', late.url)
  const lateBack = await browser.step('GET', lateSent.headers.get('location') as string)
  world.clock.ahead = 3_600_000
  const page = await browser.get(lateBack.headers.get('location') as string)
  expect([page.status >= 400, world.exchanges(), (await world.outcomeOf(late.link))?.ok ?? false]).toEqual([
    true,
    1,
    false,
  ])
})

function stateOf({ headers }: { headers: Headers }): string {
  return new URL(headers.get('location') as string).searchParams.get('state') as string
}
