/** A line of two texts side by side; null where one has none there. */
export interface SideLine {
  left: string | null
  right: string | null
  differs: boolean
}

/** Beyond so many lines the middle is compared line by line, which is quick. */
const mostLines = 600

/** Two texts line by line: what they share stands on one line, what only one has is marked. */
export function sideBySide(left: string, right: string): SideLine[] {
  const [a, b] = [left.split('\n'), right.split('\n')]
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  const middle = between(a.slice(head, a.length - tail), b.slice(head, b.length - tail))
  return [...a.slice(0, head).map(same), ...middle, ...a.slice(a.length - tail).map(same)]
}

function same(line: string): SideLine {
  return { left: line, right: line, differs: false }
}

function between(a: string[], b: string[]): SideLine[] {
  if (a.length > mostLines || b.length > mostLines) return paired(a, b)
  const lengths = longestCommon(a, b)
  const rest = (i: number, j: number): number => lengths[i]?.[j] ?? 0
  const lines: SideLine[] = []
  let [i, j] = [0, 0]
  let onlyA: string[] = []
  let onlyB: string[] = []
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(...paired(onlyA, onlyB), same(a[i] as string))
      ;[onlyA, onlyB] = [[], []]
      i++
      j++
    } else if (j >= b.length || (i < a.length && rest(i + 1, j) >= rest(i, j + 1))) onlyA.push(a[i++] as string)
    else onlyB.push(b[j++] as string)
  }
  return [...lines, ...paired(onlyA, onlyB)]
}

function paired(a: string[], b: string[]): SideLine[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => {
    const [left = null, right = null] = [a[index], b[index]]
    return { left, right, differs: left !== right }
  })
}

/** For each place the length of the longest common rest. */
function longestCommon(a: string[], b: string[]): Uint16Array[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--) {
    const [row, below] = [lengths[i] as Uint16Array, lengths[i + 1] as Uint16Array]
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] = a[i] === b[j] ? (below[j + 1] as number) + 1 : Math.max(below[j] as number, row[j + 1] as number)
    }
  }
  return lengths
}

/** Headers of two answers by name, each with what either has. */
export function headerSides(
  left: [name: string, value: string][],
  right: [name: string, value: string][],
): { name: string; left: string | null; right: string | null }[] {
  const names = [...new Set([...left, ...right].map(([name]) => name.toLowerCase()))]
  const valueOf = (headers: [string, string][], name: string): string | null => {
    const values = headers.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value)
    return values.length > 0 ? values.join(', ') : null
  }
  return names.map(name => ({ name, left: valueOf(left, name), right: valueOf(right, name) }))
}
