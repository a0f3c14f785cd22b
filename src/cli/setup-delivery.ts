import { setApp } from '../app/add-app.ts'
import { type App, envName } from '../app/app.ts'
import { firstDelivery } from '../app/first-delivery.ts'
import type { Session } from '../app/listen.ts'
import { signingSecrets } from '../core/scheme-text.ts'
import { secretFlag } from '../core/secret-flag.ts'
import { safeText } from '../core/text.ts'
import type { StoredEvent } from '../store/event-ops.ts'
import type { StoredRejected } from '../store/rejected-ops.ts'
import { askSecret } from './ask.ts'
import type { Io } from './io.ts'
import { command } from './render/command.ts'
import { resourceText, shortId } from './render/event-row.ts'
import { makePaint } from './render/paint.ts'
import { recheckedLines } from './render/rechecked-lines.ts'
import { noteOddity } from './secret-input.ts'

const bySecret = ['no-secret', 'wrong-secret', 'wrong-token']

/**
 * Waits for the first delivery that verifies, and says that it came. One that the stored secret did not sign is said, and
 * the secret asked for once more: with the right one what is kept is taken in. False where the wait was ended before.
 */
export async function waitForDelivery(io: Io, app: App, name: string, session: Session | null): Promise<boolean> {
  io.note('waiting for the first verified delivery; Ctrl-C ends, nothing is lost')
  const over = new AbortController()
  const signal = AbortSignal.any([io.stop.signal, over.signal])
  const again = await secretAgain(io, app, name, over.signal)
  const first = firstDelivery(app, { name, signal, onRejected: again.onRejected })
  const lost = [first, again.failed, ...(session ? [session.lost] : [])]
  const event = await Promise.race(lost).finally(() => over.abort())
  await again.ended()
  if (!event) return false
  await io.out(receivedLine(io, event))
  return true
}

function receivedLine(io: Io, event: StoredEvent): string {
  const paint = makePaint(io.color)
  const whose = event.tenant === null ? `parked: ${safeText(event.reason ?? '')}` : `for ${paint.tenant(event.tenant)}`
  const what = [safeText(event.event ?? '?'), resourceText(event), paint.strong(shortId(event.id)), whose]
  return `${paint.good('✓')}  received and verified: ${what.filter(Boolean).join('  ')}`
}

interface SecretAgain {
  onRejected(rejected: StoredRejected): void
  /** Rejects where the question failed. */
  failed: Promise<never>
  /** Resolves once no question is open. */
  ended(): Promise<void>
}

/** Asks for the app's secret again, after what it did not sign; an empty answer leaves it, and no more is asked. */
async function secretAgain(io: Io, app: App, name: string, over: AbortSignal): Promise<SecretAgain> {
  const stored = await app.findApp(name)
  const { secrets, company } = app.definitionOf(stored.provider)
  const [proving = 'client'] = signingSecrets(app.definitionOf(stored.provider), 'app')
  const label = secrets[proving]?.label ?? proving
  let asking: Promise<void> | null = null
  const variable = envName(name, `${proving}_SECRET`)
  const isGiven = Boolean(app.surroundings.env[variable])
  const fix = isGiven ? `it is the one in ${variable}` : command(io, `whs app set ${name} ${secretFlag(proving)}`)
  let isLeft = isGiven
  let fail: (error: unknown) => void = () => undefined
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  failed.catch(() => undefined)

  async function ask(): Promise<void> {
    for (;;) {
      const value = await askSecret(io, `${label} once more (empty: it stays)`, true, over)
      isLeft = value === ''
      if (isLeft) return
      noteOddity(io, `the ${label}`, value)
      const changes = { secrets: { [proving]: value }, hosts: [], settings: [], keepOldMs: 0 }
      const { rechecked } = await setApp(app, stored, changes)
      for (const line of recheckedLines(rechecked)) io.note(line)
      if (rechecked === null || rechecked.taken > 0 || rechecked.left === 0) return
    }
  }

  return {
    failed,
    onRejected({ id, reason, detail }) {
      if (asking !== null) return
      const isAsked = !isLeft && bySecret.includes(reason)
      io.note(`rejected  ${shortId(id)}  ${reason}: ${safeText(detail)}${isAsked ? '' : `   ${fix}`}`)
      if (!isAsked) return
      io.note(`if ${company} sent it, the ${label} that is stored is not the one that it signs with`)
      asking = ask()
        .catch(error => (over.aborted ? undefined : fail(error)))
        .finally(() => {
          asking = null
        })
    },
    async ended() {
      await asking
    },
  }
}
