import type { Stray } from '../receive/receiver.ts'
import type { HandshakeFact } from '../receive/take-handshake.ts'
import type { App } from './app.ts'
import type { Fact } from './facts.ts'

const minuteMs = 60_000

/** Tells of requests that fit nothing: one line a path and minute, with the URL that was probably meant. */
export function strayTeller(app: App, tell: (fact: Fact) => void): (stray: Stray) => void {
  const told = new Map<string, number>()
  return stray => {
    const last = told.get(stray.path)
    if (stray.path === '/favicon.ico' || (last !== undefined && app.now() - last < minuteMs)) return
    if (told.size > 1000) told.clear()
    told.set(stray.path, app.now())
    const looksMeant = /hook|callback|event/i.test(stray.path)
    tell({
      kind: 'stray',
      ...stray,
      hint: stray.hint ?? (looksMeant ? 'callback URLs begin with /hooks/: see whs status' : null),
    })
  }
}

/** A fault that goes on is said once a minute, not each time that it is met. */
export function faultTeller(
  app: App,
  tell: (fact: Fact) => void,
  { code, what }: { code: string; what: string },
): (error: unknown) => void {
  let toldAt = Number.NEGATIVE_INFINITY
  return error => {
    if (app.now() - toldAt < minuteMs) return
    toldAt = app.now()
    tell({ kind: 'warning', code, detail: `${what}: ${(error as Error).message}`, fix: 'whs doctor' })
  }
}

/** Tells of handshakes, each with how often it ended so. */
export function handshakeTeller(tell: (fact: Fact) => void): (fact: HandshakeFact) => void {
  const counts = new Map<string, number>()
  return fact => {
    const key = `${fact.app} ${fact.handshake} ${fact.outcome}`
    const times = (counts.get(key) ?? 0) + 1
    counts.set(key, times)
    tell({ kind: 'handshake', ...fact, times })
  }
}
