import type { AccountKind, Call, ProviderDefinition, Shape, UrlTemplate, Value } from './definition.ts'
import { compilePath } from './path.ts'

/**
 * What is wrong with a definition, one sentence each; empty where nothing is. It says what the type cannot: paths that
 * parse, hosts that are https origins, roles and slots that exist, references between its parts, patterns that are safe.
 */
export function definitionFaults(definition: ProviderDefinition): string[] {
  const faults: string[] = []
  const check = (fine: boolean, fault: string): void => {
    if (!fine) faults.push(fault)
  }
  check(/^[a-z0-9][a-z0-9-]*$/.test(definition.id), `id "${definition.id}" is not [a-z0-9-]`)
  check(isPlain(definition), 'it does not survive JSON.parse(JSON.stringify())')
  check(/^\d{4}-\d{2}-\d{2}$/.test(definition.checked.on), 'checked.on is no date')
  for (const [name, url] of Object.entries(definition.docs)) check(isHttps(url), `docs.${name} is no https URL`)
  faults.push(...hostFaults(definition), ...urlFaults(definition), ...webhookFaults(definition))
  for (const account of definition.accounts) faults.push(...accountFaults(account))
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

function isHttps(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'https:'
}

function hostFaults(definition: ProviderDefinition): string[] {
  const faults: string[] = []
  const roles = Object.values(definition.hosts).map(hosts => Object.keys(hosts).sort().join(' '))
  if (roles.length === 0) faults.push('it has no environment')
  if (new Set(roles).size > 1) faults.push('its environments have different host roles')
  for (const hosts of Object.values(definition.hosts)) {
    for (const [role, origin] of Object.entries(hosts)) {
      if (!isHttps(origin) || new URL(origin).origin !== origin)
        faults.push(`host ${role} is no https origin: ${origin}`)
    }
  }
  return faults
}

function urlFaults(definition: ProviderDefinition): string[] {
  const { oauth, accounts, record, catchUp } = definition
  const calls: [Call | undefined, string[]][] = [
    ...accounts.map((account): [Call, string[]] => [account.consent.prove, ['account']]),
    [record?.call, ['account', 'resourceType', 'resourceId']],
    [catchUp?.call, ['account', 'types', 'since']],
  ]
  const urls: [UrlTemplate, string[]][] = [
    [oauth.authorizeUrl, []],
    [oauth.tokenUrl, []],
  ]
  if (oauth.revoke) urls.push([oauth.revoke.url, []])
  for (const [call, slots] of calls) if (call) urls.push([call.url, slots])
  const roles = Object.keys(Object.values(definition.hosts)[0] ?? {})
  return urls.flatMap(([url, slots]) => {
    const role = /^\{(\w+)\}\//.exec(url)?.[1]
    if (!role || !roles.includes(role)) return [`URL ${url} does not begin with a known host role`]
    const unknown = [...url.matchAll(/\{(\w+)\}/g)].slice(1).filter(match => !slots.includes(match[1] as string))
    return unknown.map(match => `URL ${url} has the unknown slot ${match[0]}`)
  })
}

function accountFaults(account: AccountKind): string[] {
  const faults: string[] = []
  if (!/^\^.*\$$/.test(account.pattern)) faults.push(`account ${account.kind}: its pattern is not anchored`)
  if (/[*+}]\)?[*+{]|\([^)]*[*+][^)]*\)[*+{]/.test(account.pattern)) {
    faults.push(`account ${account.kind}: its pattern repeats a repetition`)
  }
  if (!isPattern(account.pattern)) faults.push(`account ${account.kind}: its pattern is no regular expression`)
  const { name, equals } = account.consent
  for (const path of [name, equals]) if (path) faults.push(...valueFaults(path, []))
  return faults
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp
  } catch {
    return false
  }
}

function webhookFaults(definition: ProviderDefinition): string[] {
  const { webhook, secrets } = definition
  const faults: string[] = []
  if (webhook.split.length === 0 || webhook.shapes.length === 0) faults.push('it has no split or no shape')
  if (!secrets[webhook.verify.secret]) faults.push(`its secret ${webhook.verify.secret} is not described`)
  for (const path of webhook.split) faults.push(...valueFaults(path, webhook.split))
  for (const shape of webhook.shapes) faults.push(...shapeFaults(definition, shape))
  return faults
}

function shapeFaults(definition: ProviderDefinition, shape: Shape): string[] {
  const kinds = definition.accounts.map(account => account.kind)
  const { resource } = shape
  const values: (Value | undefined)[] = [
    shape.when,
    shape.providerEvent,
    shape.event,
    shape.id,
    ...(shape.derived ?? []),
    shape.time,
    resource?.type,
    resource?.id,
    resource?.deletedId,
    ...shape.accounts.map(account => account.at),
  ]
  const faults = values.flatMap(value => (value === undefined ? [] : valueFaults(value, definition.webhook.split)))
  for (const { kind } of shape.accounts) if (!kinds.includes(kind)) faults.push(`it has no account kind ${kind}`)
  if (!shape.id && !shape.derived) faults.push('it has neither an id nor what one is derived from')
  return faults.map(fault => `shape ${shape.name}: ${fault}`)
}

function valueFaults(value: Value, splits: string[]): string[] {
  if (typeof value !== 'string') {
    if ('header' in value) return []
    if ('first' in value) return value.first.flatMap(one => valueFaults(one, splits))
    if ('part' in value) return valueFaults(value.part.of, splits)
    return [...value.template.matchAll(/\{([^{}]+)\}/g)].flatMap(match => valueFaults(match[1] as string, splits))
  }
  try {
    const { root } = compilePath(value)
    const star = value.lastIndexOf('[*]')
    if (star < 0) return []
    const beginning = value.slice(0, star + 3)
    const known = root === '$' && splits.some(split => split.startsWith(beginning))
    return known ? [] : [`[*] in ${value} follows no split`]
  } catch (error) {
    return [(error as Error).message]
  }
}
