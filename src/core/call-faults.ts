import { apiBase, apiCall, isBase } from './api-call.ts'
import type { ProviderDefinition } from './definition.ts'
import type { Feed } from './feed-definition.ts'
import { slotsOf } from './fill-text.ts'
import { hostRole } from './url-template.ts'
import type { Call, Page } from './value-definition.ts'
import { itemsFaults, pathFaults, valueFaults, whenFaults } from './value-faults.ts'

const always = ['clientId', 'callback', 'uuid']
const withToken = [...always, 'token', 'refreshToken', 'account']

/** What is wrong with the URLs and calls of a definition: unknown host roles, unknown slots. */
export function callFaults(definition: ProviderDefinition): string[] {
  const { oauth, credentials, identity, record = [], resolve = [], feeds = [] } = definition
  const faults = new Faults(definition)
  if (oauth.kind !== 'none') faults.url('oauth.authorizeUrl', oauth.authorizeUrl, always)
  if (oauth.tokenUrl !== undefined) faults.url('oauth.tokenUrl', oauth.tokenUrl, always)
  if (oauth.issuer !== undefined) faults.url('oauth.issuer', oauth.issuer, always)
  for (const [name, text] of Object.entries(oauth.parameters ?? {})) {
    faults.texts(`oauth.parameters.${name}`, [text], always)
  }
  for (const [name, text] of Object.entries(oauth.tokenParameters ?? {})) {
    faults.texts(`oauth.tokenParameters.${name}`, [text], ['token', ...always])
  }
  if (oauth.revoke && 'call' in oauth.revoke) faults.call('oauth.revoke.call', oauth.revoke.call, withToken)
  else if (oauth.revoke) faults.url('oauth.revoke.url', oauth.revoke.url, always)
  if (typeof identity.from === 'object') faults.call('identity.from', identity.from, withToken)
  if (identity.prove) faults.call('identity.prove.call', identity.prove.call, withToken)
  const { from, prove } = credentials?.identity ?? {}
  if (typeof from === 'object') faults.call('credentials.identity.from', from, withToken)
  if (prove) faults.call('credentials.identity.prove.call', prove.call, withToken)
  apiFaults(faults, definition)
  for (const [index, read] of record.entries()) {
    const slots = [...withToken, 'resourceType', 'resourceId', 'resource', ...Object.keys(read.slots ?? {})]
    faults.call(`record[${index}].call`, read.call, slots)
  }
  for (const { name, as, call } of resolve) {
    faults.call(`resolve ${name}: call`, call, [...(as === 'app' ? [...always, 'now'] : withToken), 'value'])
  }
  for (const feed of feeds) feedFaults(faults, feed)
  activationFaults(faults, definition)
  return faults.list
}

function apiFaults(faults: Faults, definition: ProviderDefinition): void {
  const { api, lifecycle = [], webhook } = definition
  const base = apiBase(definition)
  if (api && base === undefined)
    faults.list.push('api.base: there is no host role api, so it must say which one is meant')
  else if (api && base !== undefined && !isBase(base))
    faults.list.push(`api.base: ${base} is no host role, or ends in /`)
  else if (api && base !== undefined) faults.call('api', apiCall(definition, 'GET', `${base}/`), withToken)
  for (const { status, when } of api?.refused ?? []) {
    if (when) faults.list.push(...whenFaults(when, []).map(fault => `api.refused ${String(status)}: ${fault}`))
  }
  for (const { events, when } of lifecycle) {
    if (events.length === 0) faults.list.push('lifecycle: an entry names no event')
    if (when)
      faults.list.push(...whenFaults(when, webhook.split).map(fault => `lifecycle ${events.join(', ')}: ${fault}`))
  }
}

/** The slots of a feed's calls, each where something fills it. */
function feedFaults(faults: Faults, { name, per, types, call, cursor, each }: Feed): void {
  const isOfApp = per === 'app'
  const common = isOfApp ? [...always, 'now'] : [...withToken, 'now']
  if (per === 'resource' || per === 'activation') common.push('resource')
  if (per === 'activation') common.push('activation')
  const asked = 'time' in cursor ? ['since.iso', 'since.s', 'since.ms', 'since.utc'] : ['cursor']
  faults.call(`feed ${name}: call`, call, [...common, ...asked, ...(types ? ['types', 'type'] : [])])
  if ('start' in cursor && 'call' in cursor.start)
    faults.call(`feed ${name}: cursor.start.call`, cursor.start.call, common)
  if (each) faults.call(`feed ${name}: each.call`, each.call, [...common, 'item'])
}

const ofHook = [
  'secret',
  'secretUser',
  'secretPassword',
  'resource',
  'activation',
  'expires.iso',
  'expires.s',
  'expires.ms',
  'ttl',
]

function activationFaults(faults: Faults, { activation: { api } }: ProviderDefinition): void {
  if (!api) return
  const slots = [...withToken, ...ofHook, ...Object.keys(api.made.keep ?? {})]
  const { resources, list, create, made, renew, move, remove } = api
  if (resources && 'call' in resources) faults.call('activation.api.resources.call', resources.call, withToken)
  if (list) faults.call('activation.api.list.call', list.call, slots)
  faults.call('activation.api.create', create, slots)
  if (made.secretBy) faults.call('activation.api.made.secretBy.call', made.secretBy.call, slots)
  if (typeof renew === 'object') faults.call('activation.api.renew.call', renew.call, slots)
  if (typeof made.id === 'object' && 'chosen' in made.id) {
    faults.texts('activation.api.made.id', [made.id.chosen], slots)
  }
  if (typeof move === 'object') faults.call('activation.api.move', move, slots)
  if (remove) faults.call('activation.api.remove', remove, slots)
}

class Faults {
  readonly list: string[] = []
  readonly #roles: string[]
  readonly #slots: Set<string>

  constructor(definition: ProviderDefinition) {
    this.#roles = Object.keys(Object.values(definition.hosts)[0] ?? {})
    const { ask = [], settings = {}, secrets, accounts, identity, oauth } = definition
    this.#slots = new Set([
      ...ask.map(one => one.name),
      ...Object.keys(settings).map(name => `setting.${name}`),
      ...Object.keys(secrets).map(name => `secret.${name}`),
      ...accounts.map(({ kind }) => `account.${kind}`),
      ...Object.keys(identity.learn ?? {}),
      ...Object.keys(oauth.reply?.learn ?? {}),
    ])
  }

  url(field: string, template: string, slots: string[]): void {
    const role = hostRole(template)
    if (!role || !this.#roles.includes(role)) {
      this.list.push(`${field}: ${template} does not begin with a host role: {${this.#roles.join('}/… or {')}}/…`)
      return
    }
    this.#unknown(field, template, [role, ...slots])
  }

  texts(field: string, templates: string[], slots: string[]): void {
    for (const template of templates) this.#unknown(field, template, slots)
  }

  #unknown(field: string, template: string, slots: string[]): void {
    for (const slot of slotsOf(template)) {
      if (slots.includes(slot) || this.#slots.has(slot) || /^(callback|access)\.\w+$/.test(slot)) continue
      this.list.push(
        `${field}: ${template} has the unknown slot {${slot}}; known: ${[...slots, ...this.#slots].join(', ')}`,
      )
    }
  }

  call(field: string, call: Call, slots: string[]): void {
    this.url(field, call.url, slots)
    const { auth, body, page, failedWhen, headers = {} } = call
    this.texts(`${field}.headers`, Object.values(headers), slots)
    if (auth && auth !== 'none') this.texts(`${field}.auth`, textsOf(auth), slots)
    if (body) this.texts(`${field}.body`, textsOf(body), slots)
    if (failedWhen) this.list.push(...whenFaults(failedWhen, []).map(fault => `${field}.failedWhen: ${fault}`))
    if (page) this.list.push(...pageFaults(page).map(fault => `${field}.page: ${fault}`))
  }
}

function pageFaults(page: Page): string[] {
  if (page.by === 'item') {
    const { items, at, more } = page
    return [...itemsFaults(items), ...valueFaults(at, [items]), ...whenFaults(more, [])]
  }
  const path = 'at' in page ? page.at : 'pages' in page ? page.pages : undefined
  return path === undefined ? [] : pathFaults(path, [])
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsOf)
}
