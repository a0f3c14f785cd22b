import type { Stray } from '../receive/receiver.ts'
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

/** What cannot be streamed is said once a minute, not at every look. */
export function streamFault(app: App, tell: (fact: Fact) => void): (error: unknown) => void {
  let toldAt = Number.NEGATIVE_INFINITY
  return error => {
    if (app.now() - toldAt < minuteMs) return
    toldAt = app.now()
    const detail = `what is stored cannot be shown: ${(error as Error).message}`
    tell({ kind: 'warning', code: 'stream', detail, fix: 'whs doctor' })
  }
}
