import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { exits, WhsError } from '../core/errors.ts'

/** What a project may say for everybody who clones it. It can neither allow remote or unverified nor run anything. */
export interface ProjectFile {
  forward?: string[]
  tunnel?: string
  /** Files of custom definitions, as whole paths. */
  providers?: string[]
}

const name = 'whs.config.json'
const known = ['$schema', 'forward', 'tunnel', 'providers']

/**
 * Reads `whs.config.json`, looked for from a directory upwards; empty where there is none.
 * @throws WhsError `bad-project-file` (exit 2): no JSON, an unknown name, a secret in it
 */
export function projectFile(from: string): ProjectFile {
  const file = findUpwards(from)
  if (!file) return {}
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw wrong(file, (error as Error).message)
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw wrong(file, 'it must be an object')
  for (const key of Object.keys(content)) {
    if (/secret|token|password|key/i.test(key))
      throw wrong(file, `"${key}" looks like a secret, and this file is committed`)
    if (!known.includes(key)) throw wrong(file, `"${key}" is unknown here; known: ${known.join(', ')}`)
  }
  const { forward, tunnel, providers } = content as Record<string, unknown>
  const rules = typeof forward === 'string' ? [forward] : forward
  if (rules !== undefined && !(Array.isArray(rules) && rules.every(rule => typeof rule === 'string'))) {
    throw wrong(file, '"forward" must be a rule or a list of rules')
  }
  if (tunnel !== undefined && typeof tunnel !== 'string') throw wrong(file, '"tunnel" must be a text')
  const files = typeof providers === 'string' ? [providers] : providers
  if (files !== undefined && !(Array.isArray(files) && files.every(one => typeof one === 'string'))) {
    throw wrong(file, '"providers" must be a file or a list of files')
  }
  return {
    ...(rules ? { forward: rules } : {}),
    ...(tunnel ? { tunnel } : {}),
    ...(files ? { providers: files.map(one => resolve(dirname(file), one)) } : {}),
  }
}

function findUpwards(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, name)
    if (existsSync(file)) return file
    if (dirname(folder) === folder) return undefined
  }
}

function wrong(file: string, why: string): WhsError {
  return new WhsError({
    code: 'bad-project-file',
    exit: exits.usage,
    what: `the project file cannot be used: ${file}`,
    why,
    next: '{ "forward": ["localhost:3000/webhooks/{provider}"] } is a whole one',
  })
}
