import { readFile } from 'node:fs/promises'
import { posix, win32 } from 'node:path'
import { exits, WhsError } from '../core/errors.ts'

export interface NgrokConfigPlace {
  platform: NodeJS.Platform
  home: string
  env: Record<string, string | undefined>
}

export interface NgrokAuthtoken {
  authtoken: string
  /** The file that it was read from. */
  path: string
}

/**
 * Where ngrok's agent keeps its configuration, most recent place first: the platform's own, then `~/.ngrok2` of agents
 * before version 3. Source: ngrok.com/docs/agent/config (default locations).
 */
export function ngrokConfigPaths(place: NgrokConfigPlace): string[] {
  const { env, home, platform } = place
  const join = (...parts: string[]) => (platform === 'win32' ? win32 : posix).join(...parts)
  const old = join(home, '.ngrok2', 'ngrok.yml')
  if (platform === 'win32') return [join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'ngrok', 'ngrok.yml'), old]
  const usual = join(env.XDG_CONFIG_HOME || join(home, '.config'), 'ngrok', 'ngrok.yml')
  if (platform === 'darwin') return [join(home, 'Library', 'Application Support', 'ngrok', 'ngrok.yml'), usual, old]
  return [usual, old]
}

/**
 * The authtoken of ngrok's own configuration file; `undefined` where no file has one. The first file that exists is the
 * only one read, as ngrok does. Throws a WhsError (exit 2) for a file that cannot be read or understood.
 */
export async function readNgrokAuthtoken(place: NgrokConfigPlace): Promise<NgrokAuthtoken | undefined> {
  for (const path of ngrokConfigPaths(place)) {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
      throw badConfig(`${path} cannot be read: ${error.code ?? 'unknown reason'}`)
    })
    if (text === undefined) continue
    const authtoken = parseNgrokAuthtoken(text, path)
    return authtoken === undefined ? undefined : { authtoken, path }
  }
  return undefined
}

/**
 * Reads `authtoken` at the top (version 2) or under `agent` (version 3, which wins) out of ngrok's YAML. Only what these
 * two layouts need of YAML is understood: block mappings, plain and quoted scalars, comments. Anything else in that very
 * place throws a WhsError (exit 2) that names the file and line, never the value; everything elsewhere is passed over.
 */
export function parseNgrokAuthtoken(yaml: string, path: string): string | undefined {
  let top: string | undefined
  let nested: string | undefined
  let inAgent = false
  let agentIndent: number | undefined
  for (const [index, line] of yaml
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const at = `${path}, line ${index + 1}`
    const content = line.trimStart()
    if (content === '' || content.startsWith('#')) continue
    const indent = line.length - content.length
    if (line.slice(0, indent).includes('\t')) {
      if (inAgent) throw badConfig(`${at} is indented with a tab, which YAML forbids`)
      continue
    }
    const [, quotedKey, plainKey, value = ''] = /^(?:["']([\w-]+)["']|([\w-]+))\s*:(?:\s+(.*))?$/.exec(content) ?? []
    const key = quotedKey ?? plainKey
    if (indent === 0) {
      inAgent = key === 'agent'
      agentIndent = undefined
      if (inAgent && !/^(#.*)?$/.test(value)) throw badConfig(`${at}: agent has to be a block of its own lines`)
      if (key === 'authtoken') top = readScalar(value, at)
    } else if (inAgent) {
      agentIndent ??= indent
      if (indent === agentIndent && key === 'authtoken') nested = readScalar(value, at)
    }
  }
  return nested ?? top
}

function readScalar(text: string, at: string): string | undefined {
  const [, double, single, plain] =
    /^(?:"([^"\\]*)"|'([^']*)'|([^"'\s#][^\s#]*)?)\s*(?:(?<=\s|^)#.*)?$/.exec(text.trim()) ?? badScalar(at)
  const value = double ?? single ?? plain ?? ''
  if (value === '' || (plain !== undefined && /^(~|null)$/i.test(plain))) return undefined
  return /^[A-Za-z0-9_-]+$/.test(value) ? value : badScalar(at)
}

function badScalar(at: string): never {
  throw badConfig(`${at}: what stands behind authtoken is not an authtoken in plain letters, digits, - and _`)
}

function badConfig(why: string): WhsError {
  return new WhsError({
    code: 'ngrok-config',
    exit: exits.usage,
    what: "The authtoken could not be read from ngrok's configuration file.",
    why,
    next: 'correct the file (ngrok config check), or set NGROK_AUTHTOKEN',
  })
}
