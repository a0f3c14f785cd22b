import type { Hosts, ProviderDefinition } from '../core/definition.ts'

/**
 * The host roles of a provider as a simulator at `base` (`http://127.0.0.1:4480`) plays them: one path each, so that
 * `{token}/oauth2/token` becomes `http://127.0.0.1:4480/<provider>/token/oauth2/token`.
 */
export function simulatorHosts(base: string, definition: ProviderDefinition): Hosts {
  const roles = Object.values(definition.hosts).flatMap(hosts => Object.keys(hosts))
  return Object.fromEntries(roles.map(role => [role, `${base}/${definition.id}/${role}`]))
}
