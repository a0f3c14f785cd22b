/** A duration in words: `12 ms`, `4.2 s`, `26 s`, `5 min`, `3 h`, `2 d`. */
export function durationText(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`
}

/** How long ago, or how long until: `3 min ago`, `in 2 h`, `just now`. */
export function agoText(at: number, now: number): string {
  const away = at - now
  if (Math.abs(away) < 2000) return 'just now'
  const words = durationText(Math.round(Math.abs(away) / 1000) * 1000).replace('.0 s', ' s')
  return away > 0 ? `in ${words}` : `${words} ago`
}

/** An amount of bytes in words: `412 bytes`, `64 KiB`. */
export function bytesText(bytes: number): string {
  if (bytes < 10_000) return countText(bytes, 'byte')
  const kib = bytes / 1024
  return kib < 10_000 ? `${Math.round(kib)} KiB` : `${Math.round(kib / 1024)} MiB`
}

/** A number with its noun: `1 event`, `1,204 events`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${numberText(count)} ${count === 1 ? one : many}`
}

/** A whole number with its thousands apart. */
export function numberText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long', hourCycle: 'h23' })

/** A time for a narrow column: the clock, with the day before it where that is not today's. */
export function clockText(at: number, now: number): { day: string | null; clock: string } {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString()
  return { day: isToday ? null : day.format(at), clock: clock.format(at) }
}

/** A whole moment, with its zone. */
export function momentText(at: number): string {
  return whole.format(at)
}

/** The last six characters of an id, as the terminal shows it. */
export function shortId(id: string): string {
  return id.slice(-6)
}

/** A tenant's own colour: one of twelve, the same wherever it is shown. */
export function hueOf(tenant: string): number {
  let hash = 0
  for (const character of tenant) hash = (hash * 31 + (character.codePointAt(0) as number)) >>> 0
  return ((hash ^ (hash >>> 15)) >>> 0) % 12
}
