import { expect, test } from 'vitest'
import type { ConsentContext } from '../../../src/connect/consent.ts'
import { donePage } from '../../../src/connect/pages.ts'
import type { ProviderDefinition } from '../../../src/core/definition.ts'
import { quickbooks } from '../../../src/providers/quickbooks.ts'
import { typeform } from '../../../src/providers/typeform.ts'
import { zendesk } from '../../../src/providers/zendesk.ts'
import type { ConnectionResult } from '../../../src/store/consent-ops.ts'

test.each<[ProviderDefinition, string]>([
  [quickbooks, 'Its QuickBooks Online webhooks are delivered from now on.'],
  [typeform, 'Its events come as soon as a webhook for each form of it is set up at Typeform'],
  [zendesk, 'Its events come as soon as a webhook for it is set up at Zendesk'],
])('after a consent at $id: what is still missing is said', (definition, said) => {
  const context = { definition, app: { name: 'app', env: 'production' } } as unknown as ConsentContext
  const connection = { tenants: ['acme'], accounts: [], released: { events: 0 } } as unknown as ConnectionResult
  expect(String(donePage(context, [connection]).body)).toContain(said)
})
