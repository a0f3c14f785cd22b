import { apiFaults } from './activation-faults.ts'
import { originFault } from './app-hosts.ts'
import { callFaults } from './call-faults.ts'
import { keyIdentity } from './credentials-definition.ts'
import type { AccountKind, ProviderDefinition } from './definition.ts'
import { feedsFaults } from './feed-faults.ts'
import { recordFaults } from './record-faults.ts'
import { resolveFaults } from './resolve-faults.ts'
import type { Value } from './value-definition.ts'
import { itemsFaults, pathFaults, patternFaults, valueFaults, whenFaults } from './value-faults.ts'
import { webhookFaults } from './webhook-faults.ts'

/**
 * What is wrong with a definition, one sentence each; empty where nothing is. It says what the type cannot: paths that
 * parse, hosts that are https origins, roles and slots that exist, references between its parts, patterns that are safe.
 */
export function definitionFaults(definition: ProviderDefinition): string[] {
  const faults: string[] = []
  const check = (fine: boolean, fault: string): void => {
    if (!fine) faults.push(fault)
  }
  check(/^[a-z0-9][a-z0-9-]*$/.test(definition.id), `id: "${definition.id}" is not [a-z0-9-]`)
  check(isPlain(definition), 'it does not survive JSON.parse(JSON.stringify())')
  check(isDate(definition.checked.on), 'checked.on: it is no date such as 2026-01-31')
  for (const [name, url] of Object.entries(definition.docs)) check(isHttps(url), `docs.${name}: it is no https URL`)
  for (const { name, pattern } of definition.ask ?? []) {
    faults.push(...patternFaults(pattern, { anchored: false }).map(fault => `ask ${name}: ${fault}`))
  }
  for (const [name, { pattern }] of Object.entries(definition.settings ?? {})) {
    faults.push(...patternFaults(pattern, { anchored: true }).map(fault => `settings.${name}: ${fault}`))
  }
  check(definition.accounts.length > 0, 'accounts: it has no account kind')
  for (const account of definition.accounts) faults.push(...accountFaults(account))
  faults.push(...hostFaults(definition), ...oauthFaults(definition), ...callFaults(definition))
  faults.push(...identityFaults(definition), ...activationFaults(definition), ...webhookFaults(definition))
  faults.push(...feedsFaults(definition), ...recordFaults(definition), ...resolveFaults(definition))
  faults.push(...credentialsFaults(definition))
  return faults
}

/** Whether a value comes back from JSON as it was: no function, undefined, NaN, date, pattern or class. */
function isPlain(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every(isPlain)
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return false
  return Object.values(value).every(isPlain)
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

function isHttps(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'https:'
}

function hostFaults(definition: ProviderDefinition): string[] {
  const faults: string[] = []
  const roles = Object.values(definition.hosts).map(hosts => Object.keys(hosts).sort().join(' '))
  if (roles.length === 0) faults.push('hosts: it has no environment (production or sandbox)')
  if (new Set(roles).size > 1) faults.push('hosts: its environments have different roles')
  for (const [env, hosts] of Object.entries(definition.hosts)) {
    for (const [role, origin] of Object.entries(hosts)) {
      const fault = originFault(origin) ?? (origin.startsWith('https://') ? undefined : 'it is no https origin')
      if (fault) faults.push(`hosts.${env}.${role}: ${origin}: ${fault}`)
    }
  }
  return faults
}

function oauthFaults({ oauth, secrets, accounts }: ProviderDefinition): string[] {
  const faults: string[] = []
  if (oauth.kind === 'code' && oauth.tokenUrl === undefined)
    faults.push('oauth.tokenUrl: an authorization code needs one')
  if (oauth.kind === 'callback' && oauth.tokenUrl !== undefined) {
    faults.push('oauth.tokenUrl: a mere callback brings no code to exchange')
  }
  const signed = oauth.callbackSignature
  if (signed && !secrets[signed.secret])
    faults.push(`oauth.callbackSignature: its secret ${signed.secret} is not described`)
  const { learn, error, failedWhen, ...paths } = oauth.reply ?? {}
  for (const path of Object.values(paths)) faults.push(...pathFaults(path, []).map(fault => `oauth.reply: ${fault}`))
  for (const value of [...Object.values(learn ?? {}), ...(error === undefined ? [] : [error])]) {
    faults.push(...valueFaults(value, []).map(fault => `oauth.reply: ${fault}`))
  }
  if (failedWhen) faults.push(...whenFaults(failedWhen, []).map(fault => `oauth.reply.failedWhen: ${fault}`))
  if (oauth.leaves) {
    const { kind, at } = oauth.leaves
    if (!accounts.some(one => one.kind === kind)) faults.push(`oauth.leaves: ${kind} is no account kind`)
    faults.push(...valueFaults(at, []).map(fault => `oauth.leaves: ${fault}`))
  }
  return faults
}

/** What proves a key: a call that is made with it. */
function credentialsFaults(definition: ProviderDefinition): string[] {
  if (!definition.credentials) return []
  const identity = keyIdentity(definition)
  const isProved = typeof identity.from === 'object' || (identity.from === 'ask' && identity.prove !== undefined)
  const faults = isProved ? [] : ['no call names or proves the account with the key (identity)']
  if (definition.credentials.identity) faults.push(...identityFaults({ ...definition, identity }))
  return faults.map(fault => `credentials: ${fault}`)
}

function accountFaults({ kind, pattern }: AccountKind): string[] {
  return patternFaults(pattern, { anchored: true }).map(fault => `account ${kind}: ${fault}`)
}

function identityFaults({ identity, accounts, oauth }: ProviderDefinition): string[] {
  const faults: string[] = []
  const splits = identity.items === undefined ? [] : [identity.items]
  if (identity.items !== undefined) faults.push(...itemsFaults(identity.items))
  const values: Value[] = [...Object.values(identity.accounts), ...Object.values(identity.learn ?? {})]
  if (identity.name !== undefined) values.push(identity.name)
  for (const value of values) faults.push(...valueFaults(value, splits))
  if (identity.where) faults.push(...whenFaults(identity.where, splits))
  for (const kind of Object.keys(identity.accounts)) {
    const known = accounts.find(account => account.kind === kind)
    if (known?.from !== 'consent') faults.push(`${kind} is no account kind that comes from the consent`)
  }
  const { prove } = identity
  const needsProof = identity.from === 'callback' || identity.from === 'ask'
  if (needsProof && !prove) faults.push('what came through the browser, or was typed, must be proved (prove)')
  const kinds = Object.keys(identity.accounts)
  if (identity.from === 'callback' && !oauth.callbackSignature && kinds.length > 1) {
    faults.push(
      `an unsigned callback may name one kind of account, which its proof confirms; it names ${kinds.join(', ')}`,
    )
  }
  if (identity.from === 'token' && oauth.kind === 'callback') faults.push('a mere callback has no token reply')
  if (prove?.name) faults.push(...itemsFaults(prove.name))
  if (prove?.equals) faults.push(...itemsFaults(prove.equals))
  return faults.map(fault => `identity: ${fault}`)
}

function activationFaults({ activation, accounts, webhook }: ProviderDefinition): string[] {
  const faults: string[] = []
  const { kind, keyed, secret, per } = activation
  const known = accounts.find(account => account.kind === kind)
  if (kind !== undefined && !known) faults.push(`${kind} is no account kind`)
  if (activation.steps.length === 0) faults.push('it tells a person no step')
  const ofActivation = webhook.verify.some(scheme => 'key' in scheme && 'of' in scheme.key && scheme.key.of !== 'app')
  if (secret && !ofActivation) faults.push('its secret is in no key (of: activation or either)')
  if (per === 'app' && (keyed || kind)) faults.push('a hook of the whole app says nothing of one tenant')
  faults.push(...apiFaults(activation))
  return faults.map(fault => `activation: ${fault}`)
}
