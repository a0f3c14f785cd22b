import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import type { App } from '../app/app.ts'
import { addProvider, checkDefinition, pinnedApps } from '../app/custom-providers.ts'
import { exits, WhsError } from '../core/errors.ts'
import { shellWord } from '../core/shell-word.ts'
import { providerOf } from '../providers/index.ts'
import type { Io } from './io.ts'
import { projectFile } from './project-file.ts'
import { command } from './render/command.ts'

/**
 * Takes the definition of a provider from the project's own files, where one of them has it and an app is about to be made.
 * An app that is there keeps the definition that it was made with: that the project has another one is only said.
 * @throws WhsError `bad-project-file`, `provider-file-unreadable`, `bad-definition` (exit 2)
 */
export async function takeProjectProvider(io: Io, app: App, id: string): Promise<void> {
  if (providerOf(id)) return
  for (const file of projectFile(io.cwd).providers ?? []) {
    const checked = checkDefinition(await textOf(file))
    if (checked.id !== id) continue
    const name = shellWord(relative(io.cwd, file))
    const pinned = await pinnedApps(app, checked, name)
    if (pinned.length > 0) {
      const line = command(io, `whs providers add ${name}`)
      io.note(`note   ${name} differs from the definition that ${pinned.join(', ')} was made with; to take it: ${line}`)
      return
    }
    const { state } = await addProvider(app, checked, name)
    if (state !== 'same') io.note(`note   ${id} is as ${name} of this project defines it`)
    return
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new WhsError({
      code: 'provider-file-unreadable',
      exit: exits.usage,
      what: `a definition that the project file names cannot be read: ${file}`,
      why: (cause as Error).message,
      next: 'correct "providers" in whs.config.json',
      cause,
    })
  }
}
