import { randomBytes } from 'node:crypto'
import { readFile, realpath, rename, unlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { SecretName } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { signingSecrets } from '../core/scheme-text.ts'
import { secretFlag } from '../core/secret-flag.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import { callbackNow } from './activations.ts'
import type { App } from './app.ts'

/** One variable of a handler's environment. */
export interface EnvEntry {
  name: string
  value: string
  /** What it is, without its value. */
  what: string
}

export interface HandlerEnv {
  entries: EnvEntry[]
  /** What is not known yet, one sentence each. */
  lacking: string[]
}

/**
 * What a handler needs: `<APP>_<NAME>_SECRET` of each app (or of one) for what proves its deliveries, usually
 * `<APP>_WEBHOOK_SECRET`; where hooks have secrets of their own `<APP>_<TENANT>_<NAME>_SECRET`; `<APP>_CALLBACK_URL`; and
 * `WHS_WEBHOOK_SECRET`, by which whs signs what leaves this machine and single events.
 */
export async function handlerEnv(app: App, only: StoredApp | null): Promise<HandlerEnv> {
  const entries: EnvEntry[] = []
  const lacking: string[] = []
  for (const stored of only ? [only] : await app.store().read('listApps')) {
    const { name } = stored
    const secrets = await secretEntries(app, stored)
    entries.push(...secrets.entries)
    lacking.push(...secrets.lacking)
    const url = await callbackNow(app, stored)
    if (url) entries.push({ name: variable(name, 'CALLBACK_URL'), value: url, what: `where ${name} sends to` })
    else lacking.push(`the callback URL of ${name} is known once whs listen runs`)
  }
  const own = await app.store().write('ownSecret')
  entries.push({ name: 'WHS_WEBHOOK_SECRET', value: own, what: 'our own signature (Standard Webhooks)' })
  return { entries, lacking }
}

async function secretEntries(app: App, stored: StoredApp): Promise<HandlerEnv> {
  const definition = app.definitionOf(stored.provider)
  const labelOf = (secret: SecretName): string => definition.secrets[secret]?.label ?? secret
  const keys = await app.keysOf(stored)
  const entries: EnvEntry[] = []
  const lacking: string[] = []
  const hooks = keys.filter(({ activation }) => activation !== null)
  for (const secret of signingSecrets(definition, 'app')) {
    const newest = keys.find(key => key.name === secret && key.activation === null)
    const label = labelOf(secret)
    const name = variable(stored.name, `${secret}_SECRET`)
    if (newest) entries.push({ name, value: newest.value, what: `${label} of ${stored.name}` })
    else if (!definition.secrets[secret]?.optional && !hooks.some(key => key.name === secret)) {
      lacking.push(`the ${label} of ${stored.name} is not set yet: whs app set ${stored.name} ${secretFlag(secret)}`)
    }
  }
  const taken = new Set<string>()
  for (const { name: secret, value, activation } of hooks) {
    const tenant = activation?.tenant ?? 'hook'
    const usual = variable(stored.name, tenant, `${secret}_SECRET`)
    const name = taken.has(usual)
      ? variable(stored.name, tenant, `${activation?.providerId ?? activation?.id}`, `${secret}_SECRET`)
      : usual
    if (taken.has(name)) continue
    taken.add(name)
    entries.push({ name, value, what: `${labelOf(secret)} of ${tenant} at ${stored.name}` })
  }
  return { entries, lacking }
}

/** Words as the name of a variable: `my-crm`, `webhook_SECRET` → `MY_CRM_WEBHOOK_SECRET`. */
function variable(...words: string[]): string {
  return words
    .join('_')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase()
}

/** `NAME=value` as a shell and every dotenv reader take it. */
export function envLine({ name, value }: Pick<EnvEntry, 'name' | 'value'>): string {
  if (/^[A-Za-z0-9_@%+=:,./-]*$/.test(value)) return `${name}=${value}`
  if (!/['\r\n]/.test(value)) return `${name}='${value}'`
  const escaped = value
    .replace(/["\\$`]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
  return `${name}="${escaped}"`
}

/** Puts lines into the text of an env file: names that are there are replaced in place, the others added at the end. */
export function mergeEnv(text: string, entries: Pick<EnvEntry, 'name' | 'value'>[]): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  let merged = text
  for (const entry of entries) {
    const line = new RegExp(`^([ \\t]*(?:export[ \\t]+)?)${entry.name}[ \\t]*=.*$`, 'gm')
    const put = (_: string, lead: string): string => lead + envLine(entry)
    if (line.test(merged)) merged = merged.replace(line, put)
    else merged += (merged === '' || merged.endsWith('\n') ? '' : end) + envLine(entry) + end
  }
  return merged
}

/**
 * Writes entries into an env file: readable by its owner alone, other lines kept, all or nothing. `isTracked` says whether
 * a version control would take the secrets along.
 * @throws WhsError `env-tracked`, `env-unwritable` (exit 2)
 */
export async function writeEnvFile(
  file: string,
  entries: EnvEntry[],
  isTracked: (file: string) => Promise<boolean>,
): Promise<void> {
  if (await isTracked(file)) {
    throw new WhsError({
      code: 'env-tracked',
      exit: exits.usage,
      what: `git tracks ${file}, and the secrets would be committed with it`,
      why: 'a secret that was once committed stays in the history',
      next: 'whs env --write .env.local   (or: git rm --cached it and add it to .gitignore)',
    })
  }
  try {
    await replaceFile(file, mergeEnv(await textOf(file), entries))
  } catch (cause) {
    const what = `${file} cannot be written`
    const why = (cause as Error).message
    throw new WhsError({ code: 'env-unwritable', exit: exits.usage, what, why, next: 'whs env --write <file>', cause })
  }
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
}

/** By way of a second file that is private from the start, so that a crash leaves the old one whole. */
async function replaceFile(file: string, text: string): Promise<void> {
  const target = await realpath(file).catch(() => file)
  const draft = join(dirname(target), `.${basename(target)}.${randomBytes(4).toString('hex')}`)
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' })
    await rename(draft, target)
  } catch (error) {
    await unlink(draft).catch(() => undefined)
    throw error
  }
}
