import { activation } from './activation-fields.ts'
import { each, type Field, faultsOf, fields, list, words } from './field-faults.ts'
import {
  account,
  call,
  catchUp,
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
    clientId: fields(place),
    redirectUri: fields(place),
    callbackUrl: fields(place),
    events: list('text'),
  }),
  secrets: each(fields({ ...place, 'later?': 'true or false', 'optional?': 'true or false' })),
  oauth: fields({
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
    refresh: fields({ kind: words('rotating', 'stable', 'none') }),
    accessSeconds: 'number or null',
    'revoke?': revoke,
    redirect: fields({ 'production?': redirect, 'sandbox?': redirect }),
    'callbackSignature?': fields({ hash: words('sha256'), parameter: 'text', secret: 'text' }),
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
  identity: fields({
    from: identityFrom,
    'items?': 'text',
    'where?': condition,
    accounts: each(value),
    'name?': value,
    'learn?': each(value),
    'prove?': fields({ call: call, 'equals?': 'text', 'name?': 'text', 'by?': words('app') }),
  }),
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
    shapes: list(
      fields({
        name: 'text',
        when: condition,
        'scope?': words('app'),
        providerEvent: value,
        'event?': value,
        'events?': each('text'),
        'id?': value,
        'derived?': list(value),
        'time?': value,
        'resource?': fields({ type: value, id: value, 'deletedId?': value }),
        accounts: list(account),
        'reply?': words('handler'),
      }),
    ),
    'alongside?': list('text'),
    reply: fields({ ok: 'number', rejected: 'number', withinMs: 'number', 'body?': 'text', 'type?': 'text' }),
    retries: list('number'),
  }),
  activation,
  'record?': fields({ call: call, at: 'text', 'words?': each('text') }),
  'catchUp?': catchUp,
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
  const faults = faultsOf(value, definition, '')
  const verify = (value as { webhook?: { verify?: unknown } } | null)?.webhook?.verify
  if (Array.isArray(verify))
    verify.forEach((one, index) => faults.push(...schemeFaults(one, `webhook.verify[${index}]`)))
  return faults
}

function schemeFaults(value: unknown, at: string): string[] {
  const kind = faultsOf(value, fields({ scheme: words(...Object.keys(schemes)) }), at, true)
  if (kind.length > 0) return kind
  const name = (value as { scheme: string }).scheme
  return faultsOf(value, fields({ scheme: 'text', ...schemes[name] }), at)
}
