import type { ProviderDefinition } from '../../src/core/definition.ts'
import { template } from '../../src/providers/_template.ts'
import { hmacScheme } from './small-definition.ts'

/** The template as a person fills it in: everything that is a placeholder says something of its own. */
export const myCrm: ProviderDefinition = {
  ...template,
  id: 'my-crm',
  name: 'My CRM',
  company: 'My CRM Inc.',
  docs: { oauth: 'https://docs.crm.test/a', webhooks: 'https://docs.crm.test/b', portal: 'https://app.crm.test/dev' },
  checked: { ...template.checked, on: '2026-11-25', witness: 'the vector of its docs' },
  hosts: { production: { authorize: 'https://app.crm.test', api: 'https://api.crm.test' } },
  webhook: { ...template.webhook, verify: [hmacScheme] },
}
