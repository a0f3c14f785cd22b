import { expect, test } from 'vitest'
import { linkUrl, needsPublicRedirect, redirectUri } from '../../../src/connect/redirect.ts'
import { quickbooks } from '../../../src/providers/quickbooks.ts'

const publicUrl = 'https://abc.ngrok-free.app'

test('development keys come back to localhost, with a tunnel and without', () => {
  for (const url of [null, publicUrl]) {
    const uri = redirectUri(quickbooks, { name: 'qbo', env: 'sandbox' }, { port: 4400, publicUrl: url })
    expect(uri).toBe('http://localhost:4400/oauth/callback/qbo')
  }
  expect(redirectUri(quickbooks, { name: 'a', env: 'simulator' }, { port: 1, publicUrl })).toMatch(
    /^http:\/\/localhost:1\//,
  )
})

test('production keys come back to the public URL, and there must be one', () => {
  const app = { name: 'qbo-live', env: 'production' as const }
  for (const url of [publicUrl, `${publicUrl}/`]) {
    expect(redirectUri(quickbooks, app, { port: 4400, publicUrl: url })).toBe(`${publicUrl}/oauth/callback/qbo-live`)
  }
  expect(() => redirectUri(quickbooks, app, { port: 4400, publicUrl: null })).toThrow(
    expect.objectContaining({ code: 'no-public-url', exit: 3 }),
  )
  expect(needsPublicRedirect(quickbooks, 'production')).toBe(true)
  expect(needsPublicRedirect(quickbooks, 'simulator')).toBe(false)
})

test('where the provider refuses the name localhost, the address is used', () => {
  const definition = {
    ...quickbooks,
    oauth: { ...quickbooks.oauth, redirect: { sandbox: 'loopback-ip' as const } },
  }
  const door = { port: 4400, publicUrl: null }
  expect(redirectUri(definition, { name: 'a', env: 'sandbox' }, door)).toBe('http://127.0.0.1:4400/oauth/callback/a')
  expect(redirectUri(definition, { name: 'a', env: 'simulator' }, door)).toMatch(/^http:\/\/localhost:/)
})

test('our page is on the origin at which the redirect comes back', () => {
  expect(linkUrl(`${publicUrl}/oauth/callback/qbo`, 'L1nk')).toBe(`${publicUrl}/connect/L1nk`)
  expect(linkUrl('http://localhost:4400/oauth/callback/qbo', 'L1nk')).toBe('http://localhost:4400/connect/L1nk')
})
