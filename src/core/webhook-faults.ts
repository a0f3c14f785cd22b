import type { ProviderDefinition } from './definition.ts'
import { slotsOf } from './fill-text.ts'
import { hostRole } from './url-template.ts'
import type { Path, Value } from './value-definition.ts'
import { itemsFaults, patternFaults, valueFaults, whenFaults } from './value-faults.ts'
import type { Handshake, Scheme, Shape } from './webhook-definition.ts'

/** What is wrong with what a definition says of deliveries, each sentence behind the field it is about. */
export function webhookFaults(definition: ProviderDefinition): string[] {
  const { webhook } = definition
  const faults: string[] = []
  if (webhook.methods.length === 0) faults.push('webhook.methods: it names no method')
  if (webhook.body.length === 0)
    faults.push("webhook.body: it names no decoder: 'json', 'form', { jsonField } or 'empty'")
  if (webhook.verify.length === 0) faults.push('webhook.verify: it names no scheme')
  if (webhook.split.length === 0) faults.push("webhook.split: it names no path; '$' is the whole body")
  if (webhook.shapes.length === 0) faults.push('webhook.shapes: it has no shape')
  for (const [index, scheme] of webhook.verify.entries()) {
    faults.push(...schemeFaults(definition, scheme).map(fault => `webhook.verify[${index}]: ${fault}`))
  }
  for (const path of [...webhook.split, ...(webhook.alongside ?? [])]) {
    faults.push(...itemsFaults(path).map(fault => `webhook.split: ${fault}`))
  }
  for (const handshake of webhook.handshakes ?? []) {
    faults.push(...handshakeFaults(definition, handshake).map(fault => `handshake ${handshake.kind}: ${fault}`))
  }
  for (const shape of webhook.shapes) {
    faults.push(...shapeFaults(definition, shape, webhook.split).map(fault => `shape ${shape.name}: ${fault}`))
    const feed = definition.feeds?.find(({ name }) => name === shape.feed)
    if (shape.feed !== undefined && !feed?.use.includes('follow-up'))
      faults.push(`shape ${shape.name}: there is no feed ${shape.feed} whose use is follow-up`)
  }
  return [...faults, ...twiceFaults(webhook.shapes)]
}

/** Shapes that have the same name. */
export function twiceFaults(shapes: Shape[]): string[] {
  const names = shapes.map(({ name }) => name)
  return names.flatMap((name, index) => (names.indexOf(name) < index ? [`shape ${name}: its name is there twice`] : []))
}

function secretFaults(definition: ProviderDefinition, secret: string): string[] {
  if (definition.secrets[secret]) return []
  return [`its secret ${secret} is not described in secrets (${Object.keys(definition.secrets).join(', ')})`]
}

function schemeFaults(definition: ProviderDefinition, scheme: Scheme): string[] {
  const faults: string[] = []
  if (scheme.when) faults.push(...whenFaults(scheme.when, []))
  if (scheme.scheme === 'url-key') {
    return definition.activation.keyed ? faults : [...faults, 'only a keyed activation has a key in its URL']
  }
  if ('secret' in scheme.key) {
    faults.push(...secretFaults(definition, scheme.key.secret))
    if (scheme.key.activation) faults.push(...valueFaults(scheme.key.activation, definition.webhook.split))
  }
  if (scheme.scheme === 'jwt' && 'jwks' in scheme.key) faults.push(...keySetFaults(definition, scheme.key.jwks))
  if (scheme.scheme === 'token') faults.push(...valueFaults(scheme.at, definition.webhook.split))
  if (!('signs' in scheme)) return faults
  if (scheme.bodyHash) faults.push(...valueFaults(scheme.bodyHash, []))
  if (scheme.header.names.length === 0) faults.push('header.names is empty')
  if (scheme.scheme === 'hash' && !scheme.signs.includes('secret'))
    faults.push('a plain hash without the secret proves nothing')
  const needsTime = scheme.signs.includes('time') || scheme.header.list?.time !== undefined
  if (needsTime && !scheme.time) faults.push('it signs a time and does not say where it stands (time)')
  if (scheme.time && scheme.time.at !== 'list') faults.push(...valueFaults(scheme.time.at, []))
  if (scheme.time?.at === 'list' && !scheme.header.list?.time) faults.push('its time is in no list of the header')
  return faults
}

/** A key set stands at one place for all tenants: nothing but a host role is filled into its URL. */
function keySetFaults({ hosts }: ProviderDefinition, url: string): string[] {
  const role = hostRole(url) ?? ''
  const origins = Object.values(hosts).map(one => one[role])
  if (origins.some(origin => origin === undefined)) return [`key.jwks: ${url} does not begin with a host role`]
  const isOne = [url.slice(role.length + 2), ...origins].every(text => slotsOf(text ?? '').length === 0)
  return isOne ? [] : [`key.jwks: ${url} has a slot, but a key set stands at one place`]
}

function handshakeFaults(definition: ProviderDefinition, { when = [], proof, brings, reply }: Handshake): string[] {
  const faults = when.flatMap(one => whenFaults(one, []))
  if (typeof proof === 'object') faults.push(...secretFaults(definition, proof.secret), ...valueFaults(proof.token, []))
  if (brings) faults.push(...secretFaults(definition, brings.secret), ...valueFaults(brings.at, []))
  for (const value of Object.values(reply.headers ?? {})) faults.push(...valueFaults(value, []))
  if (reply.text !== undefined) faults.push(...valueFaults(reply.text, []))
  for (const echo of Object.values(reply.json ?? {})) {
    if (typeof echo === 'object' && 'json' in echo) continue
    if (typeof echo !== 'object' || !('hmac' in echo)) {
      faults.push(...valueFaults(echo, []))
      continue
    }
    // Whoever can ask freely what we sign with a secret could have us sign a delivery.
    if (proof !== 'signature') faults.push('it signs what the sender says, so its proof must be the signature')
    const { of, secret, pattern } = echo.hmac
    faults.push(
      ...valueFaults(of, []),
      ...secretFaults(definition, secret),
      ...patternFaults(pattern, { anchored: true }),
    )
  }
  return faults
}

/** What is wrong with how an item is read, of items that stand at the paths of `split`. */
export function shapeFaults(definition: ProviderDefinition, shape: Shape, split: Path[]): string[] {
  const { resource } = shape
  const kinds = definition.accounts.map(account => account.kind)
  const refs = shape.accounts.flatMap(entry => ('agree' in entry ? entry.agree : [entry]))
  const values: (Value | undefined)[] = [
    shape.providerEvent,
    shape.event,
    shape.id,
    ...(shape.derived ?? []),
    shape.time,
    resource?.type,
    resource?.id,
    resource?.deletedId,
    ...refs.map(account => account.at),
  ]
  const faults = values.flatMap(value => (value === undefined ? [] : valueFaults(value, split)))
  faults.push(...whenFaults(shape.when, split))
  for (const { kind, when } of refs) {
    if (!kinds.includes(kind)) faults.push(`it has no account kind ${kind}; accounts names ${kinds.join(', ')}`)
    if (when) faults.push(...whenFaults(when, split))
  }
  if (!shape.id && !shape.derived) faults.push('it has neither an id nor what one is derived from')
  if (shape.scope === 'app' && refs.length > 0) faults.push('an event of the platform is of no account')
  return faults
}
