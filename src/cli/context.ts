import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { type App, makeApp } from '../app/app.ts'
import type { Io } from './io.ts'
import { findWordsBy } from './render/account-word.ts'
import { command } from './render/command.ts'

/** What every command gets. */
export interface CommandContext {
  io: Io
  version: string
  demo: boolean
  program: Command
}

/** Runs work with the app of this terminal, and closes it whatever happens. */
export async function withApp<T>(context: CommandContext, work: (app: App) => Promise<T>): Promise<T> {
  const { io, version, demo } = context
  const base = dataDirectory(io.env, process.platform)
  const app = makeApp({
    home: demo ? join(base, 'demo') : base,
    env: io.env,
    userHome: homedir(),
    platform: process.platform,
    version,
    now: io.now,
    command: text => command(io, text),
  })
  findWordsBy(app.definitionOf)
  try {
    return await work(app)
  } finally {
    findWordsBy(undefined)
    await app.close()
  }
}

/** The data directory: WHS_HOME, else where the platform keeps such things. */
function dataDirectory(env: Record<string, string | undefined>, platform: NodeJS.Platform): string {
  if (env.WHS_HOME) return env.WHS_HOME
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'whs')
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'whs')
  return join(env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'whs')
}
