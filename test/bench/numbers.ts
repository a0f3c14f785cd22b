/** The value below which so great a share of a series lies. */
export function shareOf(values: number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function medianOf(values: number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
}

/** Round by round, so that what disturbed both sides of a round disturbs the ratio little. */
export function ratiosOf(left: number[], right: number[]): number[] {
  return left.map((value, at) => value / (right[at] as number))
}

export function numberText(value: number, decimals = 0): string {
  return value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
}

/** `median (min to max)`, or the one value. */
export function spreadText(values: number[], decimals = 0): string {
  const median = numberText(medianOf(values), decimals)
  if (values.length < 2) return median
  return `${median} (${numberText(Math.min(...values), decimals)} to ${numberText(Math.max(...values), decimals)})`
}
