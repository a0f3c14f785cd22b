import { setTimeout as pause } from 'node:timers/promises'
import type { ActivationOutcome } from '../connect/activation/activation-outcome.ts'
import { sweepTemporary } from '../connect/activation/deactivate.ts'
import { type RenewalClock, startRenewals } from '../connect/activation/renewals.ts'
import type { EndedConsent } from '../connect/consent.ts'
import { WhsError } from '../core/errors.ts'
import { systemClock } from '../deliver/clock.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import { callbackUrl } from './announce.ts'
import type { App } from './app.ts'
import { callbackSetting } from './app-settings.ts'
import { consentDeps } from './consent-deps.ts'
import type { Fact } from './facts.ts'
import { hooksBeyond } from './hooks-beyond.ts'
import { appsWithApi, hooksAfterConsent, makeHooks } from './hooks-by-api.ts'
import { isReached } from './hooks-wanted.ts'
import { mendHooks } from './mend-hooks.ts'
import { mayHaveSecret, recheckKept } from './recheck-kept.ts'
import { faultTeller } from './tell-seldom.ts'

export interface TendOptions {
  publicUrl(): string
  /** Makes what is lacking, and takes it away at the end. */
  isTemporary: boolean
  tell(fact: Fact): void
  /** Wakes it. */
  clock?: RenewalClock
}

/** The care for hooks while a listener runs. */
export interface Tending {
  /** Looks again at every hook, as when the URL has changed. */
  look(): void
  /** A consent ended at this listener's door. */
  afterConsent(ended: EndedConsent): void
  /** A handshake brought a secret of this app. */
  gotSecret(app: string): void
  /** Ends in order; what takes longer is left to the next start. */
  stop(limitMs: number): Promise<void>
}

const firstAgainMs = 30_000
const longestAgainMs = 15 * 60_000

/**
 * Cares for the hooks that providers' APIs make, beside the listener and one thing after the other: sweeps what a crash
 * left, points at today's URL what points elsewhere, names what is gone, and renews what ends.
 */
export function tendHooks(app: App, options: TendOptions): Tending {
  const { isTemporary, tell, clock = systemClock } = options
  const onFault = faultTeller(app, tell, { code: 'hooks', what: 'hooks at providers are not looked after' })
  const deps = consentDeps(app)
  const urls = new Map<string, string>()
  let isOver = false
  const onOutcome = (outcome: ActivationOutcome): void => {
    if (outcome.kind !== 'found') tell({ kind: 'activation', outcome })
    if (mayHaveSecret(outcome)) gotSecret(outcome.app)
  }
  const guarded = async (step: () => Promise<unknown>): Promise<void> => {
    if (isOver) return
    // What goes wrong after the end has nobody left who could be told.
    await step().catch(error => (isOver ? undefined : onFault(error)))
  }
  const sweep = async (): Promise<void> => {
    for (const outcome of await sweepTemporary(deps)) onOutcome(outcome)
  }

  let work = guarded(sweep)
  const next = (step: () => Promise<unknown>): void => {
    work = work.then(() => guarded(step))
  }
  const unchecked = new Set<string>()
  function gotSecret(name: string): void {
    if (unchecked.has(name)) return
    unchecked.add(name)
    next(async () => {
      unchecked.delete(name)
      await recheckKept(app, await app.findApp(name))
    })
  }
  let failures = 0
  let cancelAgain = (): void => undefined
  const lookAtAll = async (): Promise<void> => {
    cancelAgain()
    let mayPass = false
    for (const stored of await appsWithApi(app)) {
      await guarded(async () => {
        if (await lookAt(stored)) mayPass = true
      })
    }
    failures = mayPass ? failures + 1 : 0
    if (!mayPass || isOver) return
    const wait = Math.min(firstAgainMs * 2 ** (failures - 1), longestAgainMs)
    cancelAgain = clock.setTimer(() => next(lookAtAll), wait)
  }
  /** Whether something failed that may pass by itself. */
  async function lookAt(stored: StoredApp): Promise<boolean> {
    const callback = app.settingsOf(stored)[callbackSetting] ?? callbackUrl(options.publicUrl(), stored.name)
    // What no provider reaches is given to none, also by a renewal: the hook stays where it is.
    urls.delete(stored.name)
    if (!isReached(stored, callback)) return false
    urls.set(stored.name, callback)
    const mayPass = await mendHooks(app, stored, { callback, onOutcome, isOver: () => isOver })
    const hooks = await app.store().read('listActivations', { app: stored.name })
    if (isTemporary && !hooks.some(({ state }) => state !== 'gone')) await makeLacking(stored)
    return mayPass
  }

  async function makeLacking(stored: StoredApp): Promise<void> {
    try {
      await makeHooks(app, { app: stored, tenants: null, resources: 'usual', temporary: true, onOutcome })
    } catch (error) {
      if (!(error instanceof WhsError) || error.code !== 'no-connection') throw error
    }
  }

  const beyond = new Map<string, number>()
  /** Says of each app, once for as many as there are, that hooks can never verify. */
  const tellBeyond = async (): Promise<void> => {
    for (const stored of await app.store().read('listApps')) {
      // An app that cannot be used is told of by what uses it.
      const found = await hooksBeyond(app, stored).catch(() => null)
      const count = found?.hooks.length ?? 0
      if (found && count !== beyond.get(stored.name))
        tell({ kind: 'warning', code: 'hooks-beyond', detail: `${stored.name}: ${found.detail}`, fix: found.fix })
      beyond.set(stored.name, count)
    }
  }

  next(lookAtAll)
  next(tellBeyond)
  let renewals: { stop(): Promise<void> } | undefined
  next(async () => {
    const callbackOf = (name: string): string | null => urls.get(name) ?? null
    renewals = startRenewals({ ...deps, callbackOf, onOutcome, onFault }, clock)
  })

  return {
    look: () => next(lookAtAll),
    gotSecret,
    afterConsent({ app: name, wish, outcome }) {
      if (!outcome.ok || !wish.activates) return
      const tenants = [...new Set(outcome.connections.flatMap(one => one.tenants.slice(0, 1)))]
      next(async () => {
        const stored = await app.findApp(name)
        await hooksAfterConsent(app, { app: stored, tenants, resources: 'usual', temporary: isTemporary, onOutcome })
      })
      next(tellBeyond)
    },
    async stop(limitMs) {
      isOver = true
      cancelAgain()
      const end = async (): Promise<void> => {
        await Promise.all([work, renewals?.stop()])
        if (isTemporary) await sweep()
      }
      await Promise.race([end().catch(() => undefined), pause(limitMs, undefined, { ref: false })])
    },
  }
}
