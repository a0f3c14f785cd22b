import { Buffer } from 'node:buffer'
import type { Hosts, ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { type Slots, slotsOf } from '../core/fill-text.ts'
import { parseJwt } from '../core/jwt.ts'
import { clip, safeText } from '../core/text.ts'
import { mustFillText } from '../core/url-template.ts'
import { type ItemContext, readValue } from '../core/value.ts'
import type { TextTemplate, Value } from '../core/value-definition.ts'
import type { App } from '../store/app-ops.ts'
import type { ConsentDeps } from './consent.ts'

/** What fills the templates of calls. */
export interface Filling {
  hosts: Hosts
  slots: Slots
}

/** The slots of an app itself: client id and settings. */
export function appSlots(deps: Pick<ConsentDeps, 'clientIdOf' | 'settingsOf'>, app: App): Slots {
  const clientId = deps.clientIdOf(app)
  return { ...(clientId ? { clientId } : {}), ...prefixed('setting', deps.settingsOf(app)) }
}

/** Values under names that begin with a word: `setting`, `secret`, `callback`. */
export function prefixed(word: string, values: Record<string, string>): Slots {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${word}.${name}`, value]))
}

/** The parameters of a callback; of a doubled one nothing is taken, since nobody can say which counts. */
export function callbackValues(callback: URLSearchParams): Record<string, string> {
  const names = [...new Set(callback.keys())].filter(name => callback.getAll(name).length === 1)
  return Object.fromEntries(names.map(name => [name, callback.get(name) as string]))
}

/** The claims of an access token that is a JWT, as text; it comes from the token endpoint itself. */
export function accessSlots(token: string): Slots {
  const claims = Object.entries(parseJwt(token)?.claims ?? {})
  const plain = claims.filter(([, value]) => typeof value === 'string' || typeof value === 'number')
  return Object.fromEntries(plain.map(([name, value]) => [`access.${name}`, String(value)]))
}

/** The accounts of one tenant as slots; `account` is the one that people mean. */
export function accountSlots(
  { accounts: kinds }: ProviderDefinition,
  accounts: { kind: string; value: string }[],
): Slots {
  const slots: Slots = {}
  for (const { kind, value } of accounts) slots[`account.${kind}`] ??= value
  const main = kinds.find(({ kind }) => slots[`account.${kind}`] !== undefined)
  return main ? { ...slots, account: slots[`account.${main.kind}`] as string } : slots
}

/**
 * Parameters filled in. One whose setting or callback parameter is not there is left out: settings may be optional, and what
 * a callback lacks the provider says best itself.
 * @throws WhsError `bad-template` for every other slot without a value
 */
export function filledParameters(templates: Record<string, TextTemplate>, slots: Slots): Record<string, string> {
  const filled: Record<string, string> = {}
  for (const [name, template] of Object.entries(templates)) {
    const missing = slotsOf(template).filter(slot => !Object.hasOwn(slots, slot))
    if (missing.length > 0 && missing.every(slot => /^(setting|callback)\./.test(slot))) continue
    filled[name] = mustFillText(template, slots)
  }
  return filled
}

const word = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/**
 * Reads the values of slots that are known from here on. What is not there is left out.
 * @throws WhsError `bad-learned` (exit 10) for a value that is no short word, since hosts are made of them
 */
export function learnedSlots(context: ItemContext, learn: Record<string, Value>, company: string): Slots {
  const slots: Slots = {}
  for (const [name, value] of Object.entries(learn)) {
    const text = readValue(context, value)?.text
    if (text === undefined) continue
    if (!word.test(text)) {
      throw new WhsError({
        code: 'bad-learned',
        exit: exits.api,
        what: `${company} named a ${name} that cannot be one`,
        why: `"${clip(safeText(text), 60)}" is no short word, and addresses are made of it`,
      })
    }
    slots[name] = text
  }
  return slots
}

/** The payload of a JWT as bytes; undefined where it is none. */
export function jwtPayload(token: string): Buffer | undefined {
  return parseJwt(token) && Buffer.from(token.split('.')[1] as string, 'base64url')
}
