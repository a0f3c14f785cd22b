import { nowMs } from './clock.ts'
import type { HttpLine } from './http-line.ts'
import { shareOf } from './numbers.ts'

/** What became of all that was sent. */
export interface Tallied {
  /** Milliseconds from the last byte sent to the first of the answer. */
  p50: number
  p99: number
  /** Answers other than 2xx. */
  refused: number
}

export interface Tally {
  /** Sends a request and calls back with its answer; when it was sent. */
  send(line: HttpLine, request: Buffer, onAnswer: () => void): number
  told(): Tallied
}

export function openTally(): Tally {
  const times: number[] = []
  let refused = 0
  return {
    send(line, request, onAnswer) {
      const sentAt = nowMs()
      line.send(request, status => {
        times.push(nowMs() - sentAt)
        if (status < 200 || status > 299) refused++
        onAnswer()
      })
      return sentAt
    },
    told: () => ({ p50: shareOf(times, 0.5), p99: shareOf(times, 0.99), refused }),
  }
}
