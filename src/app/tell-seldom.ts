import { type StrayApp, strayHint } from '../core/stray-hint.ts'
import type { Stray } from '../receive/receiver.ts'
import type { HandshakeFact } from '../receive/take-handshake.ts'
import type { App } from './app.ts'
import type { Fact } from './facts.ts'

const minuteMs = 60_000

/** Tells of requests that fit nothing: one line a path and minute, with the URL that was probably meant. */
export function strayTeller(app: App, tell: (fact: Fact) => void): (stray: Stray) => void {
  const told = new Map<string, { at: number; times: number }>()
  return ({ method, path }) => {
    if (path === '/favicon.ico') return
    const last = told.get(path)
    const times = (last?.times ?? 0) + 1
    if (last && app.now() - last.at < minuteMs) {
      last.times = times
      return
    }
    if (told.size > 1000) told.clear()
    told.set(path, { at: app.now(), times: 0 })
    tell({ kind: 'stray', method, path, times, hint: strayHint(method, path, strayApps(app)) })
  }
}

function strayApps(app: App): StrayApp[] {
  const apps = app.store().readNow('listApps')
  return apps.map(({ name, provider }) => ({ name, provider, field: fieldOf(app, provider) }))
}

function fieldOf(app: App, provider: string): string {
  try {
    return app.definitionOf(provider).portal.callbackUrl.label
  } catch {
    // A provider of a person's own that was removed.
    return 'callback URL'
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
