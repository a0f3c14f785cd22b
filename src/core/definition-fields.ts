import { activation } from './activation-fields.ts'
import { api, lifecycle } from './api-fields.ts'
import { feed } from './feed-fields.ts'
import { each, type Field, faultsOf, fields, list, words } from './field-faults.ts'
import { record } from './record-fields.ts'
import { resolve } from './resolve-fields.ts'
import { shape } from './shape-fields.ts'
import {
  call,
  condition,
  decoder,
  handshakeReply,
  identityFrom,
  proof,
  revoke,
  signedPart,
  tokenReply,
  value,
} from './value-fields.ts'

const place = { label: 'text', where: 'text' } as const
const redirect = words('loopback', 'loopback-ip', 'public')

const identity = fields({
  from: identityFrom,
  'items?': 'text',
  'where?': condition,
  accounts: each(value),
  'name?': value,
  'learn?': each(value),
  'prove?': fields({ call: call, 'equals?': 'text', 'name?': 'text', 'by?': words('app') }),
})

const definition = fields({
  id: 'text',
  name: 'text',
  company: 'text',
  docs: fields({ oauth: 'text', webhooks: 'text', portal: 'text' }),
  checked: fields({ on: 'text', how: words('docs', 'live'), witness: 'text', uncertain: list('text') }),
  hosts: fields({ 'production?': each('text'), 'sandbox?': each('text') }),
  'ask?': list(fields({ name: 'text', label: 'text', example: 'text', pattern: 'text', 'suffix?': 'text' })),
  'settings?': each(
    fields({ ...place, pattern: 'text', shape: 'text', 'default?': 'text', 'optional?': 'true or false' }),
  ),
  portal: fields({
    'clientId?': fields(place),
    'redirectUri?': fields(place),
    callbackUrl: fields(place),
    events: list('text'),
  }),
  secrets: each(fields({ ...place, 'later?': 'true or false', 'optional?': 'true or false' })),
  'oauth?': fields({
    kind: words('code', 'callback'),
    authorizeUrl: 'text',
    'tokenUrl?': 'text',
    scopes: list('text'),
    scopeSeparator: words(' ', ','),
    'scopeParameter?': 'text',
    'parameters?': each('text'),
    'leaveOut?': list(words('response_type', 'redirect_uri', 'scope', 'client_id')),
    pkce: words('S256', 'none'),
    clientAuth: words('basic', 'post'),
    'tokenBody?': words('form', 'json'),
    'tokenParameters?': each('text'),
    'reply?': tokenReply,
    refresh: fields({
      kind: words('rotating', 'stable', 'none'),
      'seconds?': 'number',
      'parameters?': each('text'),
      'refused?': list('text'),
    }),
    accessSeconds: 'number or null',
    'revoke?': revoke,
    redirect: fields({ 'production?': redirect, 'sandbox?': redirect }),
    'issuer?': 'text',
    'callbackSignature?': fields({ hash: words('sha256'), parameter: 'text', secret: 'text' }),
    'leaves?': fields({ kind: 'text', at: value, why: 'text' }),
    'denied?': list('text'),
  }),
  accounts: list(
    fields({
      kind: 'text',
      word: 'text',
      noun: 'text',
      normalise: words('text', 'lower', 'origin', 'digits', 'email'),
      pattern: 'text',
      shape: 'text',
      from: words('consent', 'activation', 'delivery'),
    }),
  ),
  'credentials?': fields({ key: fields(place), 'identity?': identity }),
  identity,
  'api?': api,
  'lifecycle?': list(lifecycle),
  webhook: fields({
    methods: list('text'),
    body: list(decoder),
    verify: list('anything'),
    'handshakes?': list(
      fields({
        kind: 'text',
        method: words('GET', 'HEAD', 'POST'),
        'when?': list(condition),
        'probes?': 'true or false',
        proof,
        'brings?': fields({ secret: 'text', of: words('app', 'activation'), at: value }),
        reply: handshakeReply,
      }),
    ),
    split: list('text'),
    shapes: list(shape),
    'alongside?': list('text'),
    reply: fields({ ok: 'number', rejected: 'number', withinMs: 'number', 'body?': 'text', 'type?': 'text' }),
    retries: list('number'),
  }),
  activation,
  'record?': list(record),
  'resolve?': list(resolve),
  'feeds?': list(feed),
})

const keyFields = {
  secret: 'text',
  'of?': words('app', 'activation', 'either'),
  'as?': words('text', 'base64', 'hex', 'whsec'),
  'activation?': value,
} satisfies Record<string, Field>
const key = fields(keyFields)
const signed = {
  'name?': 'text',
  'when?': condition,
  header: fields({
    names: list('text'),
    'prefix?': 'text',
    'list?': fields({ signature: 'text', 'time?': 'text' }),
    'words?': fields({ version: 'text' }),
  }),
  encoding: words('base64', 'hex'),
  signs: list(signedPart),
  key,
  'time?': fields({ at: value, unit: words('s', 'ms', 'iso'), toleranceSeconds: 'number' }),
  'bodyHash?': value,
} satisfies Record<string, Field>
const named = { 'name?': 'text', 'when?': condition } as const

/** What each scheme of `webhook.verify` needs, by its name. */
const schemes: Record<string, Record<string, Field>> = {
  hmac: { ...signed, hash: words('sha256', 'sha1', 'sha512') },
  hash: { ...signed, hash: words('sha256') },
  ed25519: signed,
  token: { ...named, at: value, key },
  basic: { ...named, key },
  jwt: {
    ...named,
    header: 'text',
    prefix: 'text',
    key: { forms: { jwks: { jwks: 'text' }, secret: keyFields } },
    algorithm: words('HS256', 'RS256'),
    claims: each(list('text')),
  },
  'url-key': named,
}

/**
 * What is missing, unknown or of the wrong kind in something that should be a definition: the field, what is wrong, and
 * what would be right. Empty where `definitionFaults` may look at it.
 */
export function fieldFaults(value: unknown): string[] {
  const faults = [...faultsOf(value, definition, ''), ...wayFaults(value)]
  const verify = (value as { webhook?: { verify?: unknown } } | null)?.webhook?.verify
  if (Array.isArray(verify))
    verify.forEach((one, index) => faults.push(...schemeFaults(one, `webhook.verify[${index}]`)))
  return faults
}

/** How tenants come: by a consent at an app that has its places in the portal, or by a key. */
function wayFaults(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  const { oauth, credentials, portal } = value as Record<string, Record<string, unknown> | undefined>
  if (oauth === undefined) {
    return credentials === undefined ? ['oauth: it is missing (or credentials, where tenants have keys instead)'] : []
  }
  const lacking = ['clientId', 'redirectUri'].filter(name => typeof portal === 'object' && portal?.[name] === undefined)
  return lacking.map(name => `portal.${name}: it is missing`)
}

function schemeFaults(value: unknown, at: string): string[] {
  const kind = faultsOf(value, fields({ scheme: words(...Object.keys(schemes)) }), at, true)
  if (kind.length > 0) return kind
  const name = (value as { scheme: string }).scheme
  return faultsOf(value, fields({ scheme: 'text', ...schemes[name] }), at)
}
