import { Buffer } from 'node:buffer'
import { applyEdits, setScalar } from './cut.ts'
import { type RawHeaders, setHeader } from './headers.ts'
import { scanJson } from './json-scan.ts'
import { find, rootItem } from './path.ts'
import { sameTimeFormat } from './sample-values.ts'
import { answerContext, readValue } from './value.ts'
import type { SignedTime } from './webhook-definition.ts'

interface Timed {
  time?: SignedTime
}

/** The signed time of a delivery as it is written: from its header, its body, or the signature header's list. */
export function readTime(
  { time }: Timed,
  { headers, body }: { headers: RawHeaders; body: Buffer },
  ofList: string | null,
): string | null {
  if (!time) return null
  if (time.at === 'list') return ofList
  const isHeader = typeof time.at === 'object' && 'header' in time.at
  const context = answerContext(isHeader ? nothing : body)
  return (context && readValue({ ...context, headers }, time.at)?.text) ?? null
}

const nothing = Buffer.from('{}')

/** A written time in milliseconds; undefined where it is none. */
function timeMs({ unit }: SignedTime, text: string): number | undefined {
  if (unit === 'iso') {
    const ms = Date.parse(text)
    return Number.isNaN(ms) ? undefined : ms
  }
  if (!/^\d{1,15}(\.\d{1,6})?$/.test(text)) return undefined
  return Number(text) * (unit === 's' ? 1000 : 1)
}

/** What is wrong with a signed time. */
export interface TimeFault {
  reason: 'missing-header' | 'malformed-header' | 'too-old' | 'too-new'
  /** By how many milliseconds it is too old or too new. */
  ms: number
  /** The unit in which it would be right: then it is written wrongly, and no clock is wrong. */
  unit?: SignedTime['unit']
}

const units = ['s', 'ms', 'iso'] as const

/** What is wrong with a signed time at a time of arrival; undefined where nothing is. */
export function timeFault(time: SignedTime, text: string | null, now: number): TimeFault | undefined {
  if (text === null) return { reason: 'missing-header', ms: 0 }
  const away = (unit: SignedTime['unit']): number => now - (timeMs({ ...time, unit }, text) ?? Number.NaN)
  const isNear = (age: number): boolean => Math.abs(age) <= time.toleranceSeconds * 1000
  const age = away(time.unit)
  if (isNear(age)) return undefined
  const unit = units.find(one => one !== time.unit && isNear(away(one)))
  if (unit) return { reason: 'malformed-header', ms: 0, unit }
  if (Number.isNaN(age)) return { reason: 'malformed-header', ms: 0 }
  return { reason: age > 0 ? 'too-old' : 'too-new', ms: Math.abs(age) }
}

/** That a time is written in another unit than the provider's. */
export function unitText({ unit }: SignedTime, other: SignedTime['unit']): string {
  const name = { s: 'seconds', ms: 'milliseconds', iso: 'ISO 8601' }
  return `its time is written in ${name[other]}, ${name[unit]} are wanted`.replace('8601 are', '8601 is')
}

/** A message with its signed time set to now, in the form in which it stands there; `time` is that text. */
export function writeTime(
  { time }: Timed,
  { headers, body }: { headers: RawHeaders; body: Buffer },
  now: number,
): { time: string | null; headers: RawHeaders; body: Buffer } {
  if (!time) return { time: null, headers, body }
  const fresh =
    time.unit === 's' ? String(Math.floor(now / 1000)) : time.unit === 'ms' ? String(now) : new Date(now).toISOString()
  if (time.at === 'list') return { time: fresh, headers, body }
  if (typeof time.at === 'object' && 'header' in time.at) {
    const before = readTime({ time }, { headers, body }, null)
    const text = before === null || time.unit !== 'iso' ? fresh : sameTimeFormat(before, now)
    return { time: text, headers: setHeader(headers, time.at.header, text), body }
  }
  if (typeof time.at !== 'string') return { time: fresh, headers, body }
  const doc = scanJson(body)
  const found = 'fault' in doc ? undefined : find(doc, time.at, rootItem)
  if ('fault' in doc || !found) return { time: fresh, headers, body }
  return { time: fresh, headers, body: applyEdits(body, [setScalar(doc, found.node, fresh)]) }
}
