/**
 * Text from outside made fit for a terminal: control, escape, bidirectional and invisible formatting characters become `·`, so that a
 * payload can neither move the cursor nor turn the reading order (CWE-150, Unicode TR36).
 */
export function safeText(text: string): string {
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- these are the characters to be taken out
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\u034f|\udb40[\udc00-\udfff]/g,
    '·',
  )
}

/** The first characters, with `…` where something is missing. Never splits a surrogate pair. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text
  const end = /[\ud800-\udbff]/.test(text[length - 2] as string) ? length - 2 : length - 1
  return `${text.slice(0, end)}…`
}

/** The candidates nearest to a mistyped word, best first; none that differs in more than a third of its letters. */
export function didYouMean(word: string, candidates: string[]): string[] {
  return [...new Set(candidates)]
    .map(candidate => ({ candidate, away: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, away }) => away <= Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3)))
    .sort((left, right) => left.away - right.away)
    .map(({ candidate }) => candidate)
    .slice(0, 3)
}

/** Edits between two words, where exchanging two neighbours is one (optimal string alignment). */
function distance(left: string, right: string): number {
  let before: number[] = []
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const next = [i]
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1] ? 0 : 1
      let best = Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + same)
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
        best = Math.min(best, (before[j - 2] as number) + 1)
      }
      next.push(best)
    }
    before = row
    row = next
  }
  return row[right.length] as number
}

/** A number with its noun: `1 event`, `2 events`, `3 deliveries`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** An amount of bytes in words: `412 bytes`, `64 KiB`. */
export function bytesText(bytes: number): string {
  if (bytes < 10_000) return `${bytes} bytes`
  const kib = bytes / 1024
  return kib < 10_000 ? `${Math.round(kib)} KiB` : `${Math.round(kib / 1024)} MiB`
}

/** A duration in words: `12 ms`, `4.2 s`, `26 s`, `5 min 12 s`, `3 h 2 min`, `2 d`. */
export function durationText(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`
  return `${Math.floor(hours / 24)} d`
}
