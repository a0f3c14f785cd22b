import type { Rechecked } from '../../app/recheck-kept.ts'

/** What became of kept deliveries that were checked again; nothing where there were none. */
export function recheckedLines(rechecked: Rechecked | null): string[] {
  if (rechecked === null || rechecked.taken + rechecked.left === 0) return []
  const { taken, left } = rechecked
  const kept = left === 0 ? '' : `; ${left} still ${left === 1 ? 'does' : 'do'} not verify`
  if (taken === 0) return [`Of the kept deliveries none verifies now${kept}`]
  return [
    `${taken} kept ${taken === 1 ? 'delivery verifies' : 'deliveries verify'} now and ${taken === 1 ? 'was' : 'were'} taken in${kept}`,
  ]
}
