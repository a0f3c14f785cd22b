import type { App } from '../app/app.ts'
import type { SecretName } from '../core/definition.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { Io } from './io.ts'
import { command } from './render/command.ts'
import { makePaint } from './render/paint.ts'
import { startSpinner } from './spinner.ts'

const lookMs = 300

/**
 * Waits until a handshake has brought an app's secret, and shows it once, since a person must paste it. False where the
 * wait was ended before, or nobody listens.
 */
export async function awaitBroughtSecret(io: Io, app: App, stored: StoredApp, name: SecretName): Promise<boolean> {
  const { portal, secrets } = app.definitionOf(stored.provider)
  const label = secrets[name]?.label ?? name
  if (!app.store().isListening()) {
    io.note(
      `note   the ${label} comes once ${command(io, 'whs listen')} runs; then: ${command(io, `whs env ${stored.name} --show`)}`,
    )
    return false
  }
  const spinner = await startSpinner(
    io,
    `waiting for the ${label}, which comes when the ${portal.callbackUrl.label} is saved`,
  )
  try {
    while (!io.stop.signal.aborted) {
      const [secret] = await app.secretsOf(stored, name)
      if (secret) {
        spinner.stop()
        await io.out(`  ${label}:  ${makePaint(io.color).strong(secret.value)}`)
        const again = command(io, `whs env ${stored.name} --show`)
        io.note(`paste it where the ${portal.callbackUrl.label} was set; it is not shown again here (${again} does)`)
        return true
      }
      await pause(io.stop.signal)
    }
    return false
  } finally {
    spinner.stop()
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, lookMs)
    signal.addEventListener('abort', () => resolve(clearTimeout(timer)), { once: true })
  })
}
