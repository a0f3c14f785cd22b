import type { ProviderDefinition } from './definition.ts'
import { hostRole } from './url-template.ts'
import type { Call, UrlTemplate } from './value-definition.ts'

/** What paths of the API stand behind; undefined where the definition does not say it. */
export function apiBase({ api, hosts }: ProviderDefinition): UrlTemplate | undefined {
  if (api?.base !== undefined) return api.base
  return Object.values(hosts)[0]?.api === undefined ? undefined : '{api}'
}

/** A call of the API as a person makes it: what the definition says of all of them, and a URL that begins with a host role. */
export function apiCall({ api = {} }: ProviderDefinition, method: Call['method'], url: UrlTemplate): Call {
  const { headers, auth, failedWhen, page = { by: 'link' } } = api
  return {
    method,
    url,
    ...(headers ? { headers } : {}),
    ...(auth ? { auth } : {}),
    ...(failedWhen ? { failedWhen } : {}),
    page,
  }
}

/** Whether a base begins with a host role, and perhaps goes on with a piece of path. */
export function isBase(base: string): boolean {
  return hostRole(`${base}/`) !== undefined && !base.endsWith('/')
}
