/** The middle and the ends of a series. */
export interface Spread {
  median: number
  min: number
  max: number
}

export function spreadOf(values: number[]): Spread {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length / 2
  const median = ((sorted[Math.ceil(middle) - 1] as number) + (sorted[Math.floor(middle)] as number)) / 2
  return { median, min: sorted[0] as number, max: sorted.at(-1) as number }
}

/** `median (min–max)` with so many decimals. */
export function spreadText(values: number[], decimals = 0): string {
  const { median, min, max } = spreadOf(values)
  const text = (value: number): string =>
    value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  return `${text(median).padStart(8)}  (${text(min)} to ${text(max)})`
}
