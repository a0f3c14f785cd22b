import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { isLoopback } from '../core/rule.ts'
import { didYouMean, safeText } from '../core/text.ts'

/** A setting of every app: the callback URL that signatures over the URL are checked against, in place of today's. */
export const callbackSetting = 'callback'

/** The values of `name=value` texts whose names are known. @throws WhsError `bad-host-role`, `bad-setting` (exit 2) */
export function typedPairs(
  typed: string[],
  known: string[],
  definition: ProviderDefinition,
  { flag, noun, code }: { flag: string; noun: string; code: string },
): Record<string, string> {
  const found: Record<string, string> = {}
  for (const text of typed) {
    const at = text.indexOf('=')
    const name = at < 0 ? text : text.slice(0, at)
    if (at > 0 && known.includes(name)) {
      const value = text.slice(at + 1).trim()
      if (found[name] !== undefined && found[name] !== value) throw givenTwice(flag, name)
      found[name] = value
      continue
    }
    if (flag === '--set' && definition.ask?.some(ask => ask.name === name)) throw askedLater(name, definition)
    const near = didYouMean(name, known)
    const why = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `known: ${known.join(', ')}`
    throw new WhsError({
      code,
      exit: exits.usage,
      what: `${definition.name} has no ${noun} "${safeText(name)}"`,
      why: at < 0 && known.includes(name) ? 'it is given as <name>=<value>' : why,
      next: `${flag} ${near[0] ?? known[0]}=<value>`,
    })
  }
  return found
}

function givenTwice(flag: string, name: string): WhsError {
  return new WhsError({
    code: 'set-twice',
    exit: exits.usage,
    what: `${name} is given twice`,
    why: 'only one of the values can be meant',
    next: `${flag} ${name}=<value>`,
  })
}

/** It is a tenant's, and not the app's. */
function askedLater(name: string, { id, name: provider, ask = [] }: ProviderDefinition): WhsError {
  return new WhsError({
    code: 'bad-setting',
    exit: exits.usage,
    what: `${provider} has no setting "${name}"`,
    why: 'each tenant has its own, which is said at the consent',
    next: `whs connect ${id} --set ${name}=${ask.find(one => one.name === name)?.example}`,
  })
}

/** The settings that a person typed, checked. @throws WhsError `bad-setting` (exit 2) */
export function typedSettings(definition: ProviderDefinition, typed: string[]): Record<string, string> {
  const known = [...Object.keys(definition.settings ?? {}), callbackSetting]
  const settings = typedPairs(typed, known, definition, { flag: '--set', noun: 'setting', code: 'bad-setting' })
  for (const [name, value] of Object.entries(settings)) {
    const fault = settingFault(definition, name, value)
    if (fault === undefined) continue
    throw new WhsError({
      code: 'bad-setting',
      exit: exits.usage,
      what: `"${safeText(value)}" cannot be the setting ${name} of ${definition.name}`,
      why: fault,
      next: `--set ${name}=<value>`,
    })
  }
  const callback = settings[callbackSetting]
  return callback ? { ...settings, [callbackSetting]: callback.replace(/\/+$/, '') } : settings
}

/** Why a text cannot be the value of a setting; undefined where it can. */
export function settingFault(definition: ProviderDefinition, name: string, value: string): string | undefined {
  if (name === callbackSetting) return callbackFault(value)
  const setting = definition.settings?.[name]
  if (!setting || new RegExp(`^(?:${setting.pattern})$`).test(value)) return undefined
  return `it must be ${setting.shape}; found at ${setting.where}`
}

/** Why a text cannot be a callback URL; undefined where it can. Empty takes an earlier one back. */
export function callbackFault(text: string): string | undefined {
  if (text === '') return undefined
  if (!URL.canParse(text)) return 'it is no URL'
  const url = new URL(text)
  if (url.username || url.password || url.search || url.hash) return 'it is an address and a path, and nothing else'
  if (url.protocol === 'https:') return undefined
  return url.protocol === 'http:' && isLoopback(url.hostname) ? undefined : 'it begins with https://'
}

/** The value of every setting: from the environment, else as stored, else the definition's default. */
export function settingsOf(
  definition: ProviderDefinition,
  stored: Record<string, string>,
  fromEnv: (name: string) => string | undefined,
): Record<string, string> {
  const settings = { ...stored }
  for (const [name, { default: preset }] of Object.entries(definition.settings ?? {})) {
    const value = fromEnv(name) || stored[name] || preset
    if (value !== undefined) settings[name] = value
  }
  if (settings[callbackSetting] === '') delete settings[callbackSetting]
  return settings
}
