import { addActivation } from '../app/activations.ts'
import { setApp } from '../app/add-app.ts'
import type { App } from '../app/app.ts'
import { hasSecret } from '../app/app-facts.ts'
import type { SetupStep } from '../app/setup-step.ts'
import { laterSecrets } from '../app/setup-steps.ts'
import type { Setup } from '../app/setup-text.ts'
import { exits } from '../core/errors.ts'
import { broughtSecret } from '../core/hook-secret.ts'
import { askSecret } from './ask.ts'
import { awaitBroughtSecret } from './brought-secret.ts'
import type { Io } from './io.ts'
import { stepLines } from './render/setup-lines.ts'
import { noteOddity } from './secret-input.ts'

/** Whether the app's secret, which the first request brings, is not there yet. */
export function lacksBrought({ definition, facts }: Setup): boolean {
  const name = broughtSecret(definition)
  return name !== null && (facts === null || !hasSecret(facts, name))
}

/** Lets the first request bring the app's secret, where that is how it comes. */
export async function expectBroughtSecret(app: App, { definition, facts }: Setup): Promise<void> {
  const name = broughtSecret(definition)
  if (name === null || !facts || hasSecret(facts, name)) return
  const waiting = await app.store().read('listActivations', { app: facts.name })
  if (waiting.some(({ state, tenant }) => state === 'pending' && tenant === null)) return
  const wish = { tenant: null, providerId: null, resource: null, secret: null }
  await addActivation(app, { app: facts.stored, ...wish })
}

/**
 * Goes through the secrets that the portal shows, or a handshake brings, once the callback URL is known there. One that was
 * brought while this set-up goes on is shown, also where it came before its step: a person must paste it.
 */
export async function takeLaterSecrets(
  io: Io,
  app: App,
  { now, isBroughtNow }: { now(): Promise<Setup>; isBroughtNow: boolean },
): Promise<number> {
  const { definition } = await now()
  for (const [index, secret] of laterSecrets(definition).entries()) {
    const { steps, facts } = await now()
    const step = steps.filter(one => one.name === 'secret')[index] as SetupStep
    const isBrought = secret === broughtSecret(definition)
    const isDone = step.done && !(isBrought && isBroughtNow)
    for (const line of stepLines(io, { ...step, command: null, done: isDone }, steps.indexOf(step) + 1))
      await io.out(line)
    if (isDone || !facts) continue
    if (isBrought) {
      if (!(await awaitBroughtSecret(io, app, facts.stored, secret))) return io.stop.exit
      continue
    }
    const label = definition.secrets[secret]?.label ?? secret
    const value = await askSecret(io, label)
    noteOddity(io, `the ${label}`, value)
    const changes = { secrets: { [secret]: value }, hosts: [], settings: [], keepOldMs: 86_400_000 }
    const { rechecked } = await setApp(app, facts.stored, changes)
    if (rechecked?.taken) io.note(`${rechecked.taken} kept deliveries verify now and were taken in`)
  }
  return exits.done
}
