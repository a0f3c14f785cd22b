import { exits, WhsError } from './errors.ts'
import { fillText, type Slots, slotPattern, slotsOf } from './fill-text.ts'
import type { TextTemplate, UrlTemplate } from './value-definition.ts'

const labelPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i

/** Whether a text is one label of a host name (RFC 1123 section 2.1), so that it cannot make the host another one. */
export function isLabel(text: string): boolean {
  return labelPattern.test(text)
}

/** The host role with which a URL template begins; undefined where it begins otherwise. */
export function hostRole(template: UrlTemplate): string | undefined {
  return /^\{(\w+)\}\//.exec(template)?.[1]
}

/**
 * Fills a URL template. Its first slot is a host role, whose origin may hold slots itself: each takes one DNS label, so
 * that a value can never lead to another domain. Every other slot is percent-encoded, so that it can never change path
 * depth or query.
 * @throws WhsError `bad-template` when a role or slot has no value, `bad-label` for a host that a value cannot be part of
 */
export function fillUrl(template: UrlTemplate, hosts: Record<string, string>, slots: Slots = {}): string {
  // The slash ends the host: a slot right behind it could make the origin another one.
  const match = /^\{(\w+)\}(\/.*)$/.exec(template)
  const origin = match && valueOf(hosts, match[1] as string)
  if (!match || !origin) throw missing(template, match?.[1] ?? template)
  const rest = (match[2] as string).replace(slotPattern, (_, name: string) => {
    const value = valueOf(slots, name)
    if (!value || value === '.' || value === '..') throw missing(template, name)
    return encodeURIComponent(value)
  })
  return fillOrigin(origin, slots).replace(/\/$/, '') + rest
}

/**
 * Fills the slots of an origin, each with one DNS label.
 * @throws WhsError `bad-template`, `bad-label`
 */
function fillOrigin(origin: string, slots: Slots): string {
  return origin.replace(slotPattern, (_, name: string) => {
    const value = valueOf(slots, name)
    if (!value) throw missing(origin, name)
    if (isLabel(value)) return value.toLowerCase()
    throw new WhsError({
      code: 'bad-label',
      exit: exits.consent,
      what: `no call is made to ${origin}`,
      why: `what should stand for {${name}} is no single label of a host name (letters, digits and -)`,
    })
  })
}

/**
 * Fills a text as it is. A slot has no blank in it: `{ viewer { id } }` is text.
 * @throws WhsError `bad-template` when a slot has no value
 */
export function mustFillText(template: TextTemplate, slots: Slots): string {
  const text = fillText(template, slots)
  if (text !== undefined) return text
  throw missing(template, slotsOf(template).find(name => !Object.hasOwn(slots, name)) ?? '')
}

function valueOf(slots: Slots, name: string): string | undefined {
  return Object.hasOwn(slots, name) ? slots[name] : undefined
}

function missing(template: string, slot: string): WhsError {
  return new WhsError({
    code: 'bad-template',
    exit: exits.fault,
    what: `${template} cannot be filled in`,
    why: `nothing is known for {${slot}}`,
  })
}
