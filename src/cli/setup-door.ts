import { readFile } from 'node:fs/promises'
import type { App } from '../app/app.ts'
import { doorNow } from '../app/door-now.ts'
import type { Fact } from '../app/facts.ts'
import { listen, type Session } from '../app/listen.ts'
import { type TunnelWish, tunnelOptions } from '../app/public-url.ts'
import { safeText } from '../core/text.ts'
import { askEnter } from './ask.ts'
import type { Io } from './io.ts'
import { portOf } from './port.ts'
import { hookName, hookText, isWell } from './render/hook-outcome.ts'
import { makePaint } from './render/paint.ts'

/** What a set-up listens by: a door of its own, or that of the listener that runs already. */
export interface SetupDoor {
  /** Null where another process listens. */
  session: Session | null
  /** Waits until a person says that it is saved, or a test by the provider has passed that tells as much. */
  untilSaved(tellsAsMuch: (handshake: string) => boolean): Promise<void>
}

/** Opens door and tunnel where nobody listens, with no rule: what comes is kept, and sent nowhere. */
export async function openSetupDoor(io: Io, app: App, wish: TunnelWish = {}): Promise<SetupDoor> {
  if (await doorNow(app)) return { session: null, untilSaved: () => askEnter(io, saved) }
  const paint = makePaint(io.color)
  const heard = makeHearing(io)
  const onFact = (fact: Fact): void => {
    if (fact.kind === 'warning') heard.say(`warning  ${safeText(fact.detail)}`)
    if (fact.kind === 'tunnel') heard.say(`tunnel  ${fact.state} ${safeText(fact.why ?? fact.url)}`)
    if (fact.kind === 'activation' && !isWell(fact.outcome))
      heard.say(`hook  ${hookName(fact.outcome)}  ${hookText(io, fact.outcome)}`)
    if (fact.kind !== 'handshake') return
    const { app: name, handshake, outcome, status, why } = fact
    const said = `${name}’s ${safeText(handshake)}`
    const because = why === undefined ? '' : `: ${safeText(why)}`
    if (outcome === 'failed') heard.say(`handshake  ${said} failed, answered ${status}${because}`)
    if (outcome === 'passed') heard.pass(handshake, said)
  }
  const tunnel = await tunnelOptions(app, wish, path => readFile(path, 'utf8'))
  const port = portOf(io.env.WHS_PORT)
  const rest = { rules: [], filter: {}, allowRemote: false, allowUnverified: false, deliver: 'original' as const }
  const session = await listen(app, { ...rest, tunnel, port, handlerTimeoutMs: undefined, skipOpen: true }, onFact)
  await io.out(`${paint.good('✓')}  the door is open: ${session.ready.url}`)
  return {
    session,
    async untilSaved(tellsAsMuch) {
      const passed = await heard.untilSaved(tellsAsMuch)
      if (passed !== null) await io.out(`${paint.good('✓')}  received: ${passed} passed`)
    },
  }
}

const saved = 'Enter when it is saved there'

/** What is heard while a person is asked: said on lines of its own, the question drawn anew below. */
function makeHearing(io: Io) {
  const lines: string[] = []
  let tellsAsMuch: ((handshake: string) => boolean) | null = null
  let passed: string | null = null
  let wake = (): void => undefined
  return {
    say(line: string): void {
      if (tellsAsMuch === null) return io.note(line)
      lines.push(line)
      wake()
    },
    pass(handshake: string, said: string): void {
      if (!tellsAsMuch?.(handshake)) return
      passed ??= said
      wake()
    },
    /** The handshake that told as much; null where the person did. */
    async untilSaved(enough: (handshake: string) => boolean): Promise<string | null> {
      tellsAsMuch = enough
      passed = null
      try {
        for (;;) {
          const heard = new AbortController()
          wake = () => heard.abort()
          const isSaid = await askEnter(io, saved, heard.signal).then(
            () => true,
            error => {
              if (io.stop.signal.aborted || !heard.signal.aborted) throw error
              return false
            },
          )
          for (const line of lines.splice(0)) io.note(line)
          if (isSaid || passed !== null) return passed
        }
      } finally {
        tellsAsMuch = null
        wake = () => undefined
      }
    },
  }
}
