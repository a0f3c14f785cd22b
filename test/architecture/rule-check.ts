import { expect } from 'vitest'
import type { HouseRule } from './source-file.ts'

/** A rule holds for the house as it is; what breaks it is named in the failure. */
export function expectToHold(rule: HouseRule, house: Parameters<HouseRule>[0]): void {
  expect(rule(house)).toEqual([])
}

/** A rule that cannot fail is none: each planted file must break it alone. `beside` stands there too. */
export function expectToBite(
  rule: HouseRule,
  planted: Record<string, string>,
  beside: Record<string, string> = {},
): void {
  const others = Object.entries(beside).map(([path, text]) => ({ path, text }))
  for (const [path, text] of Object.entries(planted)) {
    const faults = rule([...others, { path, text }])
    expect(faults, `${path} is not found`).not.toEqual([])
    expect(faults.every(fault => fault.startsWith(path) || path.startsWith(fault.split(':')[0] as string))).toBe(true)
  }
}
