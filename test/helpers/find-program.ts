import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/** The first of these programs that can be run: names are looked up on PATH, absolute paths taken as they are. */
export function findProgram(names: string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const places = names.flatMap(name => (isAbsolute(name) ? [name] : folders.map(folder => join(folder, name))))
  return places.find(isRunnable)
}

function isRunnable(path: string): boolean {
  if (!existsSync(path)) return false
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
