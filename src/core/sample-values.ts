import { createHash } from 'node:crypto'

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i

const domainOf = /^([^@]+|[a-z0-9-]+(?=\.))(@.*|(?:\.[a-z0-9-]+)+\.[a-z]{2,10})$/
/** Letters that say what an id is of, before a digit or another case: `CH77…`, `Ev08…`, `achB7…`. */
const mark = /^(?:[A-Z][A-Za-z]{1,2}(?=\d)|[a-z]{3}(?=[A-Z\d]))/

/**
 * A new id of the same form as a sample's: its UUID is replaced by a random one (RFC 9562, version 4), else each letter
 * and digit of its longest run by one of the same class. What says the kind stays: the letters before a long run, the
 * address before a URL's last segment, the domain of an e-mail address or a host. `index` keeps the ids of one delivery apart.
 */
export function freshId(sample: string, random: Uint8Array, index: number): string {
  const bytes = createHash('sha256').update(random).update(`${index}`).digest()
  if (uuid.test(sample)) return sample.replace(uuid, uuidOf(bytes))
  const [, lead = '', own = sample] = /^([a-z]+:\/\/.*\/)(.*[A-Za-z0-9].*)$/.exec(sample) ?? []
  const [, name = own, domain = ''] = domainOf.exec(own) ?? []
  const runs = name.match(/[A-Za-z0-9]+/g) ?? []
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '')
  const kept = longest.length < 10 ? '' : (mark.exec(longest)?.[0] ?? '')
  const rest = longest.slice(kept.length)
  const isHex = rest.length >= 16 && /^(?:[\da-f]+|[\dA-F]+)$/.test(rest)
  const letters = isHex ? 6 : 26
  const changed = rest.replace(/[A-Za-z0-9]/g, (old, at: number) =>
    pick(old, bytes[at % bytes.length] as number, { letters, isFirst: at === 0 && kept === '' }),
  )
  return lead + name.replace(longest, kept + changed) + domain
}

/** A number does not begin with 0, or it would have to be written as a text. */
function pick(old: string, byte: number, { letters, isFirst }: { letters: number; isFirst: boolean }): string {
  if (/\d/.test(old)) return String(isFirst && old !== '0' ? 1 + (byte % 9) : byte % 10)
  return String.fromCharCode((/[a-z]/.test(old) ? 97 : 65) + (byte % letters))
}

function uuidOf(random: Uint8Array): string {
  const bytes = Uint8Array.from(random.subarray(0, 16))
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/**
 * A time in milliseconds, written as the sample writes its own: Unix seconds or milliseconds, or a date and time with as
 * many digits of a second, the same separator and the same kind of zone (a zone of its own becomes UTC's `+00:00`).
 */
export function sameTimeFormat(sample: string, at: number): string {
  if (/^\d{9,11}(\.\d+)?$/.test(sample)) return String(Math.floor(at / 1000))
  if (/^\d{12,14}$/.test(sample)) return String(at)
  const form = /^\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?$/.exec(sample)
  const iso = new Date(at).toISOString()
  if (!form) return iso
  const [, separator = 'T', digits, zone = ''] = form
  const fraction =
    digits === undefined ? '' : `.${iso.slice(20, 23).padEnd(digits.length, '0').slice(0, digits.length)}`
  const utc = zone === '' || zone === 'Z' ? zone : zone.includes(':') ? '+00:00' : '+0000'
  return `${iso.slice(0, 10)}${separator}${iso.slice(11, 19)}${fraction}${utc}`
}
