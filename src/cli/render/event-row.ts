import { stripVTControlCharacters } from 'node:util'
import { clip, safeText } from '../../core/text.ts'
import type { StoredEvent } from '../../store/event-ops.ts'
import type { Paint } from './paint.ts'

/** The time of day, local, as people compare it with their own logs. */
export function clock(ms: number): string {
  const date = new Date(ms)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** A day and time for what is older than today. */
export function moment(ms: number, now: number): string {
  const date = new Date(ms)
  if (new Date(now).toDateString() === date.toDateString()) return clock(ms)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(ms)}`
}

function two(part: number): string {
  return String(part).padStart(2, '0')
}

/** The end of an id by which people name it. */
export function shortId(id: string): string {
  return id.slice(-6)
}

/** What an event is about, in a few letters: `Invoice 130`. */
export function resourceText(event: StoredEvent): string {
  if (event.resourceType === null) return ''
  const type = event.resourceType.slice(0, 1).toUpperCase() + event.resourceType.slice(1)
  return `${safeText(type)} ${safeText(event.resourceId ?? '')}${event.deletedId ? ` (was ${safeText(event.deletedId)})` : ''}`
}

/** Lays events out in columns that only ever grow, so that lines stay aligned as they come. */
export interface RowLayout {
  row(cells: { time: string; tenant: string; event: StoredEvent; rest: string }): string
  /** A line that is no event: `12:01:40  rejected  quickbooks  …`. */
  plain(time: string, word: string, rest: string): string
}

export interface LayoutOptions {
  /** Name the app in each row; without it, where there is room. */
  namesApp?: boolean | undefined
  /** What is known to come: its columns are as wide as they need be from the first row on. */
  known?: { time: string; event: StoredEvent }[]
}

/** What stands behind an event's id needs about so much. */
const restWidth = 16

export function rowLayout(columns: number, paint: Paint, { namesApp, known = [] }: LayoutOptions = {}): RowLayout {
  const widths = { time: 0, tenant: 8, provider: 10, event: 16, resource: 12 }
  const widest = (texts: string[], most: number): number =>
    Math.min(most, Math.max(0, ...texts.map(text => text.length)))
  if (known.length > 0) {
    const events = known.map(({ event }) => event)
    widths.time = widest(
      known.map(({ time }) => time),
      19,
    )
    widths.tenant = widest(
      events.map(({ tenant }) => tenant ?? '?'),
      20,
    )
    widths.provider = widest(
      events.map(({ app }) => app),
      16,
    )
    widths.event = widest(
      events.map(({ event }) => event ?? 'unreadable'),
      26,
    )
    widths.resource = widest(events.map(resourceText), 22)
  }
  const needed = Object.values(widths).reduce((sum, width) => sum + width + 2, 6) + restWidth
  const wide = namesApp ?? (known.length > 0 ? columns >= needed : columns >= 100)
  const pad = (name: keyof typeof widths, text: string, most: number): string => {
    const short = clip(text, most)
    widths[name] = Math.max(widths[name], short.length)
    return short.padEnd(widths[name])
  }
  return {
    row({ time, tenant, event, rest }) {
      const owner = pad('tenant', safeText(tenant), 20)
      const cells = [paint.faint(time.padEnd(widths.time)), tenant === '?' ? paint.warn(owner) : paint.tenant(owner)]
      if (wide) cells.push(pad('provider', event.app, 16))
      cells.push(pad('event', safeText(event.event ?? 'unreadable'), 26))
      if (columns >= 80) cells.push(pad('resource', resourceText(event), 22))
      cells.push(paint.strong(shortId(event.id)), rest)
      return cells.join('  ').trimEnd()
    },
    plain(time, word, rest) {
      const colours = word.length - stripVTControlCharacters(word).length
      return `${paint.faint(time)}  ${word.padEnd(widths.tenant + colours)}  ${rest}`.trimEnd()
    },
  }
}
