import type { Hosts, ProviderDefinition } from '../core/definition.ts'

/**
 * The host roles of a provider as a simulator at `base` (`http://127.0.0.1:4480`) plays them: one path each, so that
 * `{token}/oauth2/token` becomes `http://127.0.0.1:4480/<provider>/token/oauth2/token`. A host that has a slot keeps it
 * behind a tilde: `https://{shop}.example.com` becomes `…/<provider>/<role>~{shop}`.
 */
export function simulatorHosts(base: string, definition: ProviderDefinition): Hosts {
  const hosts: Hosts = {}
  for (const [role, slot] of roleSlots(definition)) {
    hosts[role] = `${base}/${definition.id}/${role}${slot === null ? '' : `~{${slot}}`}`
  }
  return hosts
}

/** Every host role of a definition with the name of the slot in its origin, or null. */
function roleSlots(definition: ProviderDefinition): Map<string, string | null> {
  const slots = new Map<string, string | null>()
  for (const [role, origin] of Object.values(definition.hosts).flatMap(hosts => Object.entries(hosts))) {
    slots.set(role, slots.get(role) ?? /\{([^{}]+)\}/.exec(origin)?.[1] ?? null)
  }
  return slots
}

/** A role as it stands in a path of the simulator, such as `api~acme`; undefined for one that the definition does not know. */
export function readRole(
  definition: ProviderDefinition,
  text: string,
): { role: string; slots: Record<string, string> } | undefined {
  const [role = '', ...rest] = text.split('~')
  const slot = roleSlots(definition).get(role)
  if (slot === undefined || (slot === null) !== (rest.length === 0)) return undefined
  return { role, slots: slot === null ? {} : { [slot]: rest.join('~') } }
}
