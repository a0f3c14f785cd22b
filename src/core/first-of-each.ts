/** Of a list the first of each key, in order; none whose key is among those that are known already. */
export function firstOfEach<T>(all: T[], keyOf: (one: T) => string, known: string[] = []): T[] {
  const seen = new Set(known)
  return all.filter(one => {
    const key = keyOf(one)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
