import type { Io } from './io.ts'

/** Writes lines in their order, those that gather while the reader takes some as one. Resolves when they were taken. */
export function gatheredOut(io: Pick<Io, 'out'>): (lines: string[]) => Promise<void> {
  let gathered: string[] = []
  let writing: Promise<void> = Promise.resolve()
  return lines => {
    if (lines.length === 0) return Promise.resolve()
    const isFirst = gathered.length === 0
    gathered.push(...lines)
    if (isFirst) {
      writing = writing.then(() => {
        const text = gathered.join('\n')
        gathered = []
        return io.out(text)
      })
    }
    return writing
  }
}
