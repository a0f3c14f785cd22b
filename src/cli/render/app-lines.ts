import type { AppFacts, SecretFacts } from '../../app/app-facts.ts'
import { isKeyOnly } from '../../core/credentials-definition.ts'
import { secretFlag } from '../../core/secret-flag.ts'
import { countText, safeText } from '../../core/text.ts'
import type { Io } from '../io.ts'
import { command } from './command.ts'
import { moment } from './event-row.ts'
import { makePaint } from './paint.ts'
import { iso } from './records.ts'

/** The `app` record: secrets by fingerprint, never by value. */
export function appRecord(io: Io, facts: AppFacts): object {
  const { name, definition, stored, clientId, callback, redirect, tenants } = facts
  return {
    type: 'app',
    at: iso(io.now()),
    name,
    provider: definition.id,
    env: stored.env,
    clientId,
    secrets: facts.secrets.flatMap(({ name, keys, variable }) =>
      keys.map(({ fingerprint, createdAt, validUntil }) => ({
        name,
        fingerprint,
        createdAt: createdAt === null ? null : iso(createdAt),
        validUntil: validUntil === null ? null : iso(validUntil),
        ...(variable === null ? {} : { variable }),
      })),
    ),
    callbackUrl: callback,
    announcedUrl: stored.announcedUrl,
    redirectUri: redirect,
    hosts: stored.hosts,
    settings: facts.settings,
    tenants,
    createdAt: iso(stored.createdAt),
  }
}

/** One line of `app list`. */
export function appRow(io: Io, facts: AppFacts, width: number): string {
  const paint = makePaint(io.color)
  const { name, definition, stored, secrets, clientId, tenants } = facts
  const lacking = [
    ...(clientId === null && !isKeyOnly(definition) ? [definition.portal.clientId.label] : []),
    ...secrets.filter(({ keys, isOptional }) => keys.length === 0 && !isOptional).map(({ label }) => label),
  ]
  const env = stored.env === 'production' ? paint.warn('PROD') : stored.env
  const state = lacking.length > 0 ? `  ${paint.warn(`lacks: ${lacking.join(', ')}`)}` : ''
  const count = countText(tenants, 'tenant')
  return `${paint.strong(name.padEnd(width))}  ${definition.name}, ${env}  ${count}${state}`
}

/** The lines of `app show`: each field by the portal's own name. */
export function appLines(io: Io, facts: AppFacts): string[] {
  const paint = makePaint(io.color)
  const { name, definition, stored, clientId, callback, redirect, tenants } = facts
  const { portal } = definition
  const rowsOfOAuth = (label: string, text: string): [label: string, text: string][] =>
    isKeyOnly(definition) ? [] : [[label, text]]
  const rows: [label: string, text: string][] = [
    ...rowsOfOAuth(portal.clientId.label, clientId === null ? paint.warn('not set yet') : safeText(clientId)),
    ...facts.secrets.map((secret): [string, string] => [secret.label, secretText(io, name, secret)]),
    ...rowsOfOAuth(portal.redirectUri.label, redirect ?? `known while ${command(io, 'whs listen')} runs`),
    [portal.callbackUrl.label, callback ?? callbackText(io, stored.announcedUrl)],
    ...Object.entries(facts.settings).map(([setting, value]): [string, string] => [setting, safeText(value)]),
    ...overrides(facts).map(([role, url]): [string, string] => [`host ${role}`, safeText(url)]),
    ['tenants', String(tenants)],
  ]
  const width = Math.max(...rows.map(([label]) => label.length))
  return [
    `${paint.strong(name)}  ${definition.name}, ${stored.env === 'production' ? paint.warn('PROD') : stored.env}`,
    ...rows.map(([label, text]) => `  ${paint.faint(label.padEnd(width))}  ${text}`),
  ]
}

function callbackText(io: Io, announced: string | null): string {
  const open = `nobody listens now: ${command(io, 'whs listen')} opens it`
  return announced === null ? open : `${announced}   (last one; ${open})`
}

/** Hosts that the definition does not say; those of a simulator follow from its address. */
function overrides({ stored }: AppFacts): [string, string][] {
  return stored.env === 'simulator' ? [] : Object.entries(stored.hosts)
}

function secretText(io: Io, app: string, { name, isOptional, keys, variable }: SecretFacts): string {
  if (keys.length === 0) {
    const none = isOptional ? 'none, and none is needed' : makePaint(io.color).warn('not set yet')
    return `${none}: ${command(io, `whs app set ${app} ${secretFlag(name)}`)}`
  }
  const texts = keys.map(({ fingerprint, createdAt, validUntil }) => {
    const since = createdAt === null ? '' : `, since ${moment(createdAt, io.now())}`
    return `key ${fingerprint}${since}${validUntil === null ? '' : `, replaced, valid until ${moment(validUntil, io.now())}`}`
  })
  return texts.join('; ') + (variable === null ? '' : `, from ${variable}, which wins over what is stored`)
}
