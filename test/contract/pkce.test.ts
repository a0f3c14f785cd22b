import { expect, test } from 'vitest'
import { providers } from '../../src/providers/index.ts'

/** Why a consent at these goes without PKCE (RFC 7636). Everybody else's has it. */
const without: Record<string, string> = {
  bigcommerce: 'takes none',
  dropbox: 'its pages describe it in place of the client secret',
  gocardless: 'documents none',
  intercom: 'documents none',
  jira: 'documents none for web apps; its server metadata alone names S256',
  mailchimp: 'takes none',
  notion: 'documents none',
  pipedrive: 'documents none',
  quickbooks: 'documents none',
  shopify: 'takes none for Admin API apps',
  slack: 'turns the app into a public client for good, whose refresh tokens end after 30 days',
  square: 'takes the verifier in place of the client secret, and gives other refresh tokens then',
  stripe: 'documents none',
  twilio: 'has no token endpoint',
  typeform: 'documents none',
  whatsapp: 'documents none',
  xero: 'takes it of app kinds alone that have no client secret',
}

test('PKCE is left out only where the provider does not take it along with a client secret', () => {
  const off = providers.filter(({ oauth }) => oauth.pkce !== 'S256').map(({ id }) => id)
  expect(off.sort()).toEqual(Object.keys(without))
})
