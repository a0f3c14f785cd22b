import type { App } from '../app/app.ts'
import { hooksBeyond } from '../app/hooks-beyond.ts'
import type { ActivationOutcome } from '../connect/activation/activation-outcome.ts'
import { exits } from '../core/errors.ts'
import { shellWord } from '../core/shell-word.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { Io } from './io.ts'
import { command } from './render/command.ts'
import { hookLines, hookRecord } from './render/hook-outcome.ts'
import { jsonLine } from './render/records.ts'

/** Prints what became of a hook, as a record or as lines; `isWanted` where it was meant to go. */
export async function printOutcome(io: Io, outcome: ActivationOutcome, isWanted = false): Promise<void> {
  const isJson = io.output === 'json'
  const lines = isJson ? [jsonLine(hookRecord(io, outcome))] : hookLines(io, outcome, isWanted)
  for (const line of lines) await io.out(line)
}

/** Nothing was chosen, which is no error: what to type for it. */
export function noteUnchosen(
  io: Io,
  { app, tenant, noun = 'resource' }: { app: string; tenant: string; noun?: string | undefined },
): void {
  const line = `whs activate ${app} --tenant ${shellWord(tenant)} --resource <${noun}>`
  io.note(`note   no ${noun} of ${tenant} was chosen: ${command(io, line)}   (or --all-resources)`)
}

/** Some hooks of an app can never verify: which, and what helps. */
export async function noteBeyond(io: Io, app: App, stored: StoredApp): Promise<void> {
  const beyond = await hooksBeyond(app, stored)
  if (!beyond) return
  io.note(`warning  ${beyond.detail}`)
  io.note(`next     ${command(io, beyond.fix)}`)
}

/** 4 where a token does not hold, 3 where we lack something, 10 for what else a provider refused. */
export function codeOf(failed: ActivationOutcome[]): number {
  return failed.reduce<number>((code, { means }) => {
    const own = means === 'token' || means === 'scope' ? exits.consent : means === 'config' ? exits.missing : exits.api
    return Math.max(code, own)
  }, exits.done)
}
