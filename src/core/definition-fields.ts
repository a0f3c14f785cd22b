import { didYouMean } from './text.ts'

/**
 * What a field holds: a word for a kind of value, the words that it may be, a list of one kind, named fields (a name that
 * ends in `?` may be missing), or `each`: any names, all of one kind.
 */
type Field = Kind | { words: string[] } | { list: Field } | { each: Field } | { fields: Record<string, Field> }
type Kind = 'text' | 'number' | 'number or null' | 'true or false' | 'value' | 'condition' | 'call' | 'anything'

const words = (...all: string[]): Field => ({ words: all })
const list = (of: Field): Field => ({ list: of })
const each = (of: Field): Field => ({ each: of })
const fields = (all: Record<string, Field>): Field => ({ fields: all })

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
  'settings?': each(fields({ ...place, pattern: 'text', 'default?': 'text', 'optional?': 'true or false' })),
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
    'reply?': 'anything',
    refresh: fields({ kind: words('rotating', 'stable', 'none') }),
    accessSeconds: 'number or null',
    'revoke?': 'anything',
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
      from: words('consent', 'activation', 'delivery'),
    }),
  ),
  identity: fields({
    from: 'value',
    'items?': 'text',
    'where?': 'condition',
    accounts: each('value'),
    'name?': 'value',
    'learn?': each('value'),
    'prove?': fields({ call: 'call', 'equals?': 'text', 'name?': 'text', 'by?': words('app') }),
  }),
  webhook: fields({
    methods: list('text'),
    body: list('value'),
    verify: list('anything'),
    'handshakes?': list(
      fields({
        kind: 'text',
        method: words('GET', 'HEAD', 'POST'),
        'when?': list('condition'),
        proof: 'value',
        'brings?': fields({ secret: 'text', of: words('app', 'activation'), at: 'value' }),
        reply: 'anything',
      }),
    ),
    split: list('text'),
    shapes: list(
      fields({
        name: 'text',
        when: 'condition',
        'scope?': words('app'),
        providerEvent: 'value',
        'event?': 'value',
        'events?': each('text'),
        'id?': 'value',
        'derived?': list('value'),
        'time?': 'value',
        'resource?': fields({ type: 'value', id: 'value', 'deletedId?': 'value' }),
        accounts: list('anything'),
        'reply?': words('handler'),
      }),
    ),
    'alongside?': list('text'),
    reply: fields({ ok: 'number', rejected: 'number', withinMs: 'number', 'body?': 'text', 'type?': 'text' }),
    retries: list('number'),
  }),
  activation: fields({
    per: words('app', 'tenant', 'resource'),
    by: words('portal', 'api', 'either'),
    'keyed?': 'true or false',
    'secret?': words('given', 'chosen'),
    'kind?': 'text',
    'noun?': 'text',
    'days?': 'number',
    steps: list('text'),
  }),
  'record?': fields({ call: 'call', at: 'text', 'words?': each('text') }),
  'catchUp?': 'anything',
})

const key = fields({
  secret: 'text',
  'of?': words('app', 'activation', 'either'),
  'as?': words('text', 'base64', 'hex', 'whsec'),
  'activation?': 'value',
})
const signed = {
  'name?': 'text',
  'when?': 'condition',
  header: fields({ names: list('text'), 'prefix?': 'text', 'list?': 'anything', 'words?': 'anything' }),
  encoding: words('base64', 'hex'),
  signs: list('value'),
  key,
  'time?': fields({ at: 'value', unit: words('s', 'ms', 'iso'), toleranceSeconds: 'number' }),
  'bodyHash?': 'value',
} satisfies Record<string, Field>
const named = { 'name?': 'text', 'when?': 'condition' } as const

/** What each scheme of `webhook.verify` needs, by its name. */
const schemes: Record<string, Record<string, Field>> = {
  hmac: { ...signed, hash: words('sha256', 'sha1', 'sha512') },
  hash: { ...signed, hash: words('sha256') },
  ed25519: signed,
  token: { ...named, at: 'value', key },
  basic: { ...named, key },
  jwt: {
    ...named,
    header: 'text',
    prefix: 'text',
    key: 'anything',
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

function faultsOf(value: unknown, field: Field, at: string, mayHaveMore = false): string[] {
  if (typeof field === 'string') return isOfKind(value, field) ? [] : [`${at}: it must be ${kindText[field]}`]
  if ('words' in field) {
    if (typeof value === 'string' && field.words.includes(value)) return []
    return [`${at}: it must be ${field.words.map(word => `"${word}"`).join(' or ')}`]
  }
  if ('list' in field) {
    if (!Array.isArray(value)) return [`${at}: it must be a list, in [ ]`]
    return value.flatMap((one, index) => faultsOf(one, field.list, `${at}[${index}]`))
  }
  if (!isObject(value)) return [`${at === '' ? 'the definition' : at}: it must be an object, in { }`]
  if ('each' in field) {
    return Object.entries(value).flatMap(([name, one]) => faultsOf(one, field.each, below(at, name)))
  }
  return fieldsFaults(value, field.fields, at, mayHaveMore)
}

function fieldsFaults(
  value: Record<string, unknown>,
  known: Record<string, Field>,
  at: string,
  mayHaveMore: boolean,
): string[] {
  const faults: string[] = []
  for (const [marked, field] of Object.entries(known)) {
    const name = marked.replace(/\?$/, '')
    if (value[name] !== undefined) faults.push(...faultsOf(value[name], field, below(at, name)))
    else if (name === marked) faults.push(`${below(at, name)}: it is missing`)
  }
  const names = Object.keys(known).map(name => name.replace(/\?$/, ''))
  const unknown = mayHaveMore ? [] : Object.keys(value).filter(name => !names.includes(name))
  for (const name of unknown) {
    const near = didYouMean(name, names)
    const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `known here: ${names.join(', ')}`
    faults.push(`${below(at, name)}: there is no such field; ${hint}`)
  }
  return faults
}

function below(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const kindText: Record<Kind, string> = {
  text: 'a text',
  number: 'a number',
  'number or null': 'a number, or null',
  'true or false': 'true or false',
  value: 'a path such as "$.id" or "@.id", or an object',
  condition: 'a path, or an object such as { "at": "@.type", "is": "x" }',
  call: 'an object with method and url',
  anything: 'an object or a text',
}

function isOfKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string' && value !== ''
    case 'number':
    case 'number or null':
      return typeof value === 'number' || (kind !== 'number' && value === null)
    case 'true or false':
      return typeof value === 'boolean'
    case 'call':
      return isObject(value) && typeof value.method === 'string' && typeof value.url === 'string'
    default:
      return typeof value === 'string' || isObject(value)
  }
}
