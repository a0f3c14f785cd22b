import type { HookWaiter } from '../app/consent-deps.ts'
import type { HooksWish } from '../app/hooks-by-api.ts'
import type { ActivationOutcome } from '../connect/activation/activation-outcome.ts'
import { countText } from '../core/text.ts'
import { resourceChoice } from './choose-resources.ts'
import type { Io } from './io.ts'
import { printOutcome } from './print-outcome.ts'
import { command } from './render/command.ts'
import { hookCallText } from './render/hook-call-text.ts'
import { startWaiting } from './spinner.ts'

/** What a command that asks providers about hooks gives along: what is awaited is said, and Ctrl-C ends it at once. */
export interface HookWatch extends Required<HookWaiter>, Pick<HooksWish, 'onOutcome' | 'choose'> {
  /** Nothing is awaited any more. */
  clear(): void
}

/** `isWanted`: what is gone was meant to go. */
export async function watchHooks(io: Io, isWanted = false): Promise<HookWatch> {
  const waiting = await startWaiting(io)
  const { choose } = resourceChoice(io)
  return {
    signal: io.stop.signal,
    clear: waiting.clear,
    onCall: call => waiting.on(hookCallText(call)),
    onOutcome(outcome) {
      waiting.clear()
      return printOutcome(io, outcome, isWanted)
    },
    ...(choose && {
      choose(question) {
        waiting.clear()
        return choose(question)
      },
    }),
  }
}

/** After an interruption: what goes on with a hook whose call was open, and how many were not begun. */
export function noteInterrupted(io: Io, { open, notBegun }: { open: string | null; notBegun: number }): void {
  const rest = notBegun === 0 ? '' : `; ${countText(notBegun, 'hook was', 'hooks were')} not begun`
  io.note(`note   interrupted; ${open === null ? 'nothing is left open' : command(io, open)}${rest}`)
}

/** What goes on with hooks that were being made when it was interrupted; null where none was. */
export function openHooks(app: string, failed: ActivationOutcome[]): string | null {
  const isOpen = failed.some(({ means, activation }) => means === 'interrupted' && activation?.state === 'pending')
  return isOpen ? `whs listen finishes what is open, whs deactivate ${app} takes it back` : null
}
