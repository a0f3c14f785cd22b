import type { Db } from './database.ts'

/** So many bodies are looked at, half of them the newest, and so many bytes of each. */
const sampled = 40
const shownBytes = 4_096
/** These narrow a search enough; each further one is a list that may have a million entries. */
const chosen = 3

/**
 * Of a text's trigrams those that the fewest bodies have, as far as a sample tells: the index reads a list for each one
 * that is asked for. None where the sample has all of them in half of its bodies, since nothing is narrowed then.
 */
export function rareTrigrams(db: Db, trigrams: string[]): string[] {
  const bodies = sample(db)
  const counted = trigrams.map(trigram => {
    const lower = trigram.toLowerCase()
    return { trigram, count: bodies.filter(body => body.includes(lower)).length }
  })
  const rarest = counted.sort((left, right) => left.count - right.count).slice(0, chosen)
  const [first] = rarest
  if (!first || (bodies.length > 0 && first.count * 2 >= bodies.length)) return []
  return rarest.map(({ trigram }) => trigram)
}

function sample(db: Db): string[] {
  // Each by itself: only then SQLite takes them from the ends of the table.
  const end = (of: 'min' | 'max'): string => `(SELECT coalesce(${of}(seq), 0) FROM deliveries) AS ${of}`
  const { min: low, max: high } = db.get(`SELECT ${end('min')}, ${end('max')}`) as { min: number; max: number }
  const half = sampled / 2
  const seqs = Array.from({ length: half }, (_, index) => [
    high - index,
    low + Math.floor(((high - low) * index) / half),
  ])
  const rows = db.all<{ body: Buffer }>(
    `SELECT substr(body, 1, ${shownBytes}) AS body FROM deliveries WHERE seq IN (SELECT value FROM json_each(?))`,
    JSON.stringify(seqs.flat()),
  )
  return rows.map(({ body }) => body.toString('utf8').toLowerCase())
}
