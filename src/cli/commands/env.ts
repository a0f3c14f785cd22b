import { resolve } from 'node:path'
import { type EnvEntry, envLine, handlerEnv, writeEnvFile } from '../../app/env-file.ts'
import { exits, WhsError } from '../../core/errors.ts'
import { type CommandContext, withApp } from '../context.ts'
import { isGitTracked, isGitVisible } from '../git-file.ts'
import type { Io } from '../io.ts'
import { command } from '../render/command.ts'
import { makePaint } from '../render/paint.ts'
import { iso, jsonLine } from '../render/records.ts'

export interface EnvFlags {
  write?: string
  show?: boolean
  output?: string
}

export async function envCommand(context: CommandContext, flags: EnvFlags, name: string | undefined): Promise<number> {
  const { io } = context
  if (flags.write === undefined && !flags.show) throw unsaid()
  return withApp(context, async app => {
    const { entries, lacking } = await handlerEnv(app, name === undefined ? null : await app.findApp(name))
    if (flags.show) await show(io, flags, entries)
    if (flags.write !== undefined) await write(io, resolve(io.cwd, flags.write), entries)
    for (const what of lacking) io.note(`note   ${command(io, what)}`)
    return exits.done
  })
}

function unsaid(): WhsError {
  return new WhsError({
    code: 'env-unsaid',
    exit: exits.usage,
    what: 'where the secrets go was not said',
    why: 'they are written to a file of yours, or to stdout if you ask for that',
    next: 'whs env --write .env   (or: whs env --show)',
  })
}

/** `NAME=value` in a pipe too, since it is what a shell reads; records where JSON was asked for by name. */
async function show(io: Io, flags: EnvFlags, entries: EnvEntry[]): Promise<void> {
  const wantsJson = (flags.output ?? io.env.WHS_OUTPUT) === 'json'
  for (const entry of entries) {
    const { name, value } = entry
    await io.out(wantsJson ? jsonLine({ type: 'env', at: iso(io.now()), name, value }) : envLine(entry))
  }
}

async function write(io: Io, file: string, entries: EnvEntry[]): Promise<void> {
  await writeEnvFile(file, entries, path => isGitTracked(path, io.env))
  const names = entries.map(({ name }) => name)
  if (io.output === 'json') await io.out(jsonLine({ type: 'env', at: iso(io.now()), file, names }))
  else {
    await io.out(`${makePaint(io.color).good('✓')} ${file} has, readable by you alone:`)
    const width = Math.max(...names.map(name => name.length))
    for (const { name, what } of entries) await io.out(`  ${name.padEnd(width)}  ${what}`)
  }
  if (await isGitVisible(file, io.env)) io.note(`note   git does not ignore ${file}: add it to .gitignore`)
}
