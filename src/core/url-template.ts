import type { Hosts, UrlTemplate } from './definition.ts'
import { exits, WhsError } from './errors.ts'

/**
 * Fills a URL template: the first slot is a host role, every other slot is percent-encoded, so that a value can never
 * change host, path depth or query.
 * @throws WhsError `bad-template` when a role or slot has no value.
 */
export function fillUrl(template: UrlTemplate, hosts: Hosts, slots: Record<string, string> = {}): string {
  // The slash ends the host: a slot right behind it could make the origin another one.
  const match = /^\{(\w+)\}(\/.*)$/.exec(template)
  const origin = match && hosts[match[1] as string]
  if (!match || !origin) throw missing(template, match?.[1] ?? template)
  const rest = (match[2] as string).replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = slots[name]
    if (value === undefined || value === '.' || value === '..') throw missing(template, name)
    return encodeURIComponent(value)
  })
  return origin.replace(/\/$/, '') + rest
}

function missing(template: string, slot: string): WhsError {
  return new WhsError({
    code: 'bad-template',
    exit: exits.fault,
    what: `the URL ${template} cannot be filled in`,
    why: `nothing is known for {${slot}}`,
  })
}
