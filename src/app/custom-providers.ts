import { type WrittenDefinition, wholeDefinition } from '../core/credentials-definition.ts'
import type { ProviderDefinition } from '../core/definition.ts'
import { fieldFaults } from '../core/definition-fields.ts'
import { definitionHash } from '../core/definition-hash.ts'
import { exits, WhsError } from '../core/errors.ts'
import { placeholderFaults } from '../core/placeholder-faults.ts'
import { safeText } from '../core/text.ts'
import { definitionFaults } from '../core/validate-definition.ts'
import { template } from '../providers/_template.ts'
import { providerOf } from '../providers/index.ts'
import type { App } from './app.ts'

/** What reading a custom definition brought: the definition, or what is wrong, one sentence each. */
export interface CheckedDefinition {
  id: string | null
  definition: ProviderDefinition | null
  faults: string[]
  /** Whether more is checked once these are mended. */
  isFirstLook: boolean
}

const mostBytes = 262_144

/** Reads a definition from JSON text and checks it as those of whs are checked. */
export function checkDefinition(text: string): CheckedDefinition {
  if (text.length > mostBytes) return wrong(null, `it is longer than ${mostBytes} characters`)
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    return wrong(null, `it is no JSON: ${safeText((error as Error).message)}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong(null, 'it is no JSON object')
  const { $schema: _, ...definition } = value as Record<string, unknown>
  const id = typeof definition.id === 'string' ? safeText(definition.id) : null
  const known = id === null ? undefined : providerOf(id)
  const missing = fieldFaults(definition)
  const isFirstLook = missing.length > 0
  const whole = isFirstLook
    ? (definition as unknown as ProviderDefinition)
    : wholeDefinition(definition as unknown as WrittenDefinition)
  const faults = isFirstLook ? missing : [...placeholderFaults(whole, template), ...definitionFaults(whole)]
  const unsafe = unsafePlaces(definition, '')
  if (unsafe.length > 0) faults.push(`${unsafe.join(', ')}: holds control or invisible characters; take them out`)
  if (known) faults.unshift(`id: "${id}" is ${known.name}, which whs knows itself; take another one`)
  return { id, definition: faults.length > 0 ? null : whole, faults, isFirstLook }
}

/** Where a text holds what must not meet a terminal, as paths. */
function unsafePlaces(value: unknown, at: string): string[] {
  if (typeof value === 'string') return safeText(value) === value ? [] : [at]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, one]) =>
    unsafePlaces(one, at === '' ? safeText(name) : `${at}.${safeText(name)}`),
  )
}

function wrong(id: string | null, fault: string): CheckedDefinition {
  return { id, definition: null, faults: [fault], isFirstLook: true }
}

/** The JSON of a definition to begin with, under an id that is free. @throws WhsError `bad-provider-id` (exit 2) */
export function newDefinition(id: string): string {
  const known = providerOf(id)
  const why = !/^[a-z0-9][a-z0-9-]{0,39}$/.test(id)
    ? 'an id has small letters, digits and -, at most 40 of them'
    : known
      ? `that is ${known.name}, which whs knows itself`
      : undefined
  if (why !== undefined) {
    const what = `"${safeText(id)}" cannot be the id of a new provider`
    throw new WhsError({ code: 'bad-provider-id', exit: exits.usage, what, why, next: 'whs providers new my-crm' })
  }
  return `${JSON.stringify({ ...template, id }, null, 2)}\n`
}

export interface AddedProvider {
  definition: ProviderDefinition
  hash: string
  /** `same`: it was there already, to the letter. */
  state: 'added' | 'changed' | 'same'
}

/**
 * Keeps a checked definition in the store, so that apps can be made of it. Apps that were pinned to an earlier one are
 * pinned to this one, which a person must have agreed to (`pinnedApps`).
 * @throws WhsError `bad-definition` (exit 2)
 */
export async function addProvider(app: App, checked: CheckedDefinition, file: string): Promise<AddedProvider> {
  const definition = mustBeSound(checked, file)
  const hash = definitionHash(definition)
  const { id } = definition
  const before = await app.store().read('findCustomProvider', { id })
  if (before?.hash !== hash) {
    const text = JSON.stringify(definition)
    await app.store().write('addCustomProvider', { id, definition: text, hash, replace: before !== null })
  }
  for (const name of await pinnedApps(app, checked, file)) {
    await app.store().write('setApp', { app: name, definitionHash: hash, secrets: {}, keepOldMs: 0 })
  }
  return { definition, hash, state: before === null ? 'added' : before.hash === hash ? 'same' : 'changed' }
}

/**
 * The apps that are pinned to another definition of this id, which may send tokens elsewhere.
 * @throws WhsError `bad-definition` (exit 2)
 */
export async function pinnedApps(app: App, checked: CheckedDefinition, file: string): Promise<string[]> {
  const definition = mustBeSound(checked, file)
  const hash = definitionHash(definition)
  const apps = await app.store().read('listApps')
  return apps.filter(one => one.provider === definition.id && one.definitionHash !== hash).map(({ name }) => name)
}

function mustBeSound({ id, definition, faults }: CheckedDefinition, file: string): ProviderDefinition {
  if (definition) return definition
  throw new WhsError({
    code: 'bad-definition',
    exit: exits.usage,
    what: `${file} is no definition that whs can use${id === null ? '' : ` (${id})`}`,
    why: faults.slice(0, 3).join('; ') + (faults.length > 3 ? `; and ${faults.length - 3} more` : ''),
    next: `whs providers check ${file}`,
  })
}
