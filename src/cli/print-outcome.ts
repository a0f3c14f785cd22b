import type { ActivationOutcome } from '../connect/activation/activation-outcome.ts'
import { exits } from '../core/errors.ts'
import { shellWord } from '../core/shell-word.ts'
import type { Io } from './io.ts'
import { command } from './render/command.ts'
import { hookLines, hookRecord } from './render/hook-outcome.ts'
import { jsonLine } from './render/records.ts'

/** Prints what became of a hook, as a record or as lines; `isWanted` where it was meant to go. */
export async function printOutcome(
  io: Io,
  outcome: ActivationOutcome,
  noun: string | undefined,
  isWanted = false,
): Promise<void> {
  const isJson = io.output === 'json'
  const lines = isJson ? [jsonLine(hookRecord(io, outcome))] : hookLines(io, outcome, noun, isWanted)
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

/** 4 where a token does not hold, 3 where we lack something, 10 for what else a provider refused. */
export function codeOf(failed: ActivationOutcome[]): number {
  return failed.reduce<number>((code, { means }) => {
    const own = means === 'token' || means === 'scope' ? exits.consent : means === 'config' ? exits.missing : exits.api
    return Math.max(code, own)
  }, exits.done)
}
