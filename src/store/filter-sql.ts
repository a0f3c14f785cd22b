import type { Filter } from '../core/filter.ts'

/** A filter as SQL conditions over events e, apps a, tenants t, accounts c and deliveries d, with their arguments. */
export function filterSql(filter: Filter): { where: string[]; args: (string | number)[] } {
  const where: string[] = []
  const args: (string | number)[] = []
  const either = (patterns: string[] | undefined, columns: string[], exact = false): void => {
    const all = patterns?.flatMap(pattern => pattern.split('|'))
    if (!all?.length) return
    const tests: string[] = []
    for (const pattern of all) {
      for (const column of columns) {
        const text = exact ? column : `lower(${column})`
        tests.push(pattern.includes('*') ? `${text} GLOB ?` : `${text} = ?`)
        args.push(globText(exact ? pattern : pattern.toLowerCase()))
      }
    }
    where.push(`(${tests.join(' OR ')})`)
  }
  either(filter.tenant, ['t.name'], true)
  either(filter.app, ['a.name'])
  either(filter.provider, ['a.provider'])
  either(filter.env, ['a.env'])
  either(filter.account, ['c.value'], true)
  either(filter.event, ['e.event', 'e.provider_event'])
  either(filter.resource, ["(e.resource_type || '/' || e.resource_id)"])
  either(filter.scope, ['e.scope'])
  if (filter.parked) where.push("e.scope = 'parked'")
  if (filter.failed) {
    where.push(
      "EXISTS (SELECT 1 FROM forwards f, json_each(f.events) j WHERE f.delivery_seq = e.delivery_seq AND j.value = e.seq AND f.state IN ('failed', 'final'))",
    )
  }
  if (filter.since !== undefined) {
    where.push('e.received_at >= ?')
    args.push(filter.since)
  }
  if (filter.until !== undefined) {
    where.push('e.received_at < ?')
    args.push(filter.until)
  }
  if (filter.search !== undefined) {
    where.push('instr(lower(CAST(substr(d.body, e.start + 1, e.length) AS TEXT)), lower(?)) > 0')
    args.push(filter.search)
  }
  return { where, args }
}

/** Narrows a condition to events of these seqs, where any are named. */
export function among(seqs: number[] | undefined, where: string[], args: (string | number)[]): void {
  if (seqs === undefined) return
  where.push('e.seq IN (SELECT value FROM json_each(?))')
  args.push(JSON.stringify(seqs))
}

/** Only `*` is a wildcard here; GLOB's other two are taken literally. */
function globText(pattern: string): string {
  return pattern.includes('*') ? pattern.replace(/[?[]/g, '[$&]') : pattern
}
