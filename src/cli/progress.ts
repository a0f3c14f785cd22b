import { countText } from '../core/text.ts'
import type { Io } from './io.ts'

/** A counter of long work on stderr: a line that is drawn over where that is a terminal, else one every ten seconds. */
export interface Progress {
  step(by: number, failed: number): void
  /** Takes the line away before something else is written; the next step draws it again. */
  clear(): void
}

const drawnMs = 100
const toldMs = 10_000

export function startProgress(io: Io, total: number, what: string): Progress {
  const isTerminal = io.isTty.err
  const startedAt = io.now()
  let done = 0
  let failed = 0
  let shownAt = startedAt
  let isDrawn = false
  const line = (): string => {
    const seconds = Math.max(0.001, (io.now() - startedAt) / 1000)
    const rate = `${grouped(Math.round(done / seconds))} a second`
    const bad = failed > 0 ? `, ${grouped(failed)} not answered 2xx` : ''
    return `${grouped(done)} of ${countText(total, what).replace(/^\d+/, grouped(total))}, ${rate}${bad}`
  }
  return {
    step(by, failures) {
      done += by
      failed += failures
      if (io.now() - shownAt < (isTerminal ? drawnMs : toldMs)) return
      shownAt = io.now()
      if (!isTerminal) return io.note(line())
      io.stderr.write(`\r${bar(done / total)}  ${line()}\u001b[K`)
      isDrawn = true
    },
    clear() {
      if (isDrawn) io.stderr.write('\r\u001b[K')
      isDrawn = false
    },
  }
}

const width = 20

function bar(part: number): string {
  const full = Math.min(width, Math.round(part * width))
  return '█'.repeat(full) + '░'.repeat(width - full)
}

/** A number with its thousands apart. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}
