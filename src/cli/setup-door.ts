import { readFile } from 'node:fs/promises'
import type { App } from '../app/app.ts'
import { doorNow } from '../app/door-now.ts'
import type { Fact } from '../app/facts.ts'
import { listen, type Session } from '../app/listen.ts'
import { tunnelOptions } from '../app/public-url.ts'
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
  /** Waits until a person says that the URL is saved, or the provider's test of it has passed. */
  untilSaved(): Promise<void>
}

/** Opens door and tunnel where nobody listens, with no rule: what comes is kept, and sent nowhere. */
export async function openSetupDoor(io: Io, app: App): Promise<SetupDoor> {
  if (await doorNow(app)) return { session: null, untilSaved: () => askEnter(io, saved) }
  const paint = makePaint(io.color)
  let onHandshake: (said: string) => void = () => undefined
  const onFact = (fact: Fact): void => {
    if (fact.kind === 'warning') io.note(`warning  ${safeText(fact.detail)}`)
    if (fact.kind === 'tunnel') io.note(`tunnel  ${fact.state} ${safeText(fact.why ?? fact.url)}`)
    if (fact.kind === 'activation' && !isWell(fact.outcome))
      io.note(`hook  ${hookName(fact.outcome)}  ${hookText(io, fact.outcome)}`)
    if (fact.kind !== 'handshake') return
    const said = `${fact.app}’s ${safeText(fact.handshake)}`
    if (fact.outcome === 'failed') io.note(`handshake  ${said} failed, answered ${fact.status}`)
    if (fact.outcome === 'passed') onHandshake(said)
  }
  const tunnel = await tunnelOptions(app, {}, path => readFile(path, 'utf8'))
  const port = portOf(io.env.WHS_PORT)
  const rest = { rules: [], filter: {}, allowRemote: false, allowUnverified: false, deliver: 'original' as const }
  const session = await listen(app, { ...rest, tunnel, port, handlerTimeoutMs: undefined, skipOpen: true }, onFact)
  await io.out(`${paint.good('✓')}  the door is open: ${session.ready.url}`)
  return {
    session,
    async untilSaved() {
      const heard = new AbortController()
      let handshake: string | undefined
      onHandshake = said => {
        handshake ??= said
        heard.abort()
      }
      try {
        await askEnter(io, saved, heard.signal)
      } catch (error) {
        if (handshake === undefined || io.stop.signal.aborted) throw error
        await io.out(`${paint.good('✓')}  received: ${handshake} passed`)
      } finally {
        onHandshake = () => undefined
      }
    },
  }
}

const saved = 'Enter when it is saved there'
