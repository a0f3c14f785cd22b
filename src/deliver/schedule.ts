/** What is to be taken up later, soonest first. A binary heap over three arrays: a million entries stay small. */
export interface Schedule<T> {
  readonly length: number
  /** When the soonest is due; undefined where there is none. */
  next(): number | undefined
  add(at: number, seq: number, owner: T): void
  /** Takes the soonest out, if it is due at or before `until`. */
  take(until: number): { seq: number; owner: T } | undefined
}

export function makeSchedule<T>(): Schedule<T> {
  const ats: number[] = []
  const seqs: number[] = []
  const owners: T[] = []

  function swap(left: number, right: number): void {
    for (const list of [ats, seqs, owners] as unknown[][]) {
      const kept = list[left]
      list[left] = list[right]
      list[right] = kept
    }
  }

  function isBefore(left: number, right: number): boolean {
    const [a, b] = [ats[left] as number, ats[right] as number]
    return a < b || (a === b && (seqs[left] as number) < (seqs[right] as number))
  }

  function rise(from: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(at, parent)) return
      swap(at, parent)
      at = parent
    }
  }

  function sink(): void {
    let at = 0
    for (;;) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < ats.length && isBefore(child, least)) least = child
      if (least === at) return
      swap(at, least)
      at = least
    }
  }

  return {
    get length() {
      return ats.length
    },
    next: () => ats[0],
    add(at, seq, owner) {
      ats.push(at)
      seqs.push(seq)
      owners.push(owner)
      rise(ats.length - 1)
    },
    take(until) {
      const [at, seq, owner] = [ats[0], seqs[0], owners[0]]
      if (at === undefined || at > until) return undefined
      swap(0, ats.length - 1)
      for (const list of [ats, seqs, owners] as unknown[][]) list.pop()
      sink()
      return { seq: seq as number, owner: owner as T }
    },
  }
}
