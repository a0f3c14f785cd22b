import type { Filter } from '../core/filter.ts'

/** The events whose thing, as it was fetched, holds a text. */
export const recordsHolding = `SELECT x.event_seq AS seq FROM event_records x JOIN records r ON r.seq = x.record_seq
  WHERE instr(lower(CAST(substr(r.body, r.start + 1, r.length) AS TEXT)), lower(?)) > 0`

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
    const item = 'instr(lower(CAST(substr(d.body, e.start + 1, e.length) AS TEXT)), lower(?)) > 0'
    where.push(`(${item} OR e.seq IN (${recordsHolding}))`)
    args.push(filter.search, filter.search)
  }
  return { where, args }
}

/**
 * What the conditions of a filter must be joined with. Events stand first and stay there (CROSS JOIN keeps that order):
 * what an index promises instead may be a million rows.
 */
export function filterJoins({ app, provider, env, tenant, account, search }: Filter): string {
  const joins = ['FROM events e NOT INDEXED']
  if (app?.length || provider?.length || env?.length) joins.push('CROSS JOIN apps a ON a.id = e.app_id')
  if (tenant?.length) joins.push('CROSS JOIN tenants t ON t.id = e.tenant_id')
  if (account?.length) joins.push('CROSS JOIN accounts c ON c.id = e.account_id')
  if (search !== undefined) joins.push('CROSS JOIN deliveries d ON d.seq = e.delivery_seq')
  return joins.join(' ')
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
