import type { HookCall } from '../../connect/activation/activation-deps.ts'
import { safeText } from '../../core/text.ts'
import { definitionOf, resourceName } from './account-word.ts'

/** What a provider is being asked about hooks: `Asana is asked to make the hook of acme, project 77`. */
export function hookCallText({ company, step, provider, tenant, resource }: HookCall): string {
  const owner = tenant === null ? 'all tenants' : safeText(tenant)
  const whose = `the hook of ${owner}${resource === null ? '' : `, ${resourceName(provider, resource)}`}`
  const noun = definitionOf(provider)?.activation.noun ?? 'resource'
  const what = {
    resources: `which ${noun}s ${owner} has`,
    list: 'which hooks stand there',
    create: `to make ${whose}`,
    secret: `for the secret of ${whose}`,
    renew: `to renew ${whose}`,
    move: `to point ${whose} here`,
    remove: `to remove ${whose}`,
  }[step]
  return `${company} is asked ${what}`
}
