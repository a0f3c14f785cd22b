import { Buffer } from 'node:buffer'
import { gzipSync } from 'node:zlib'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { Cause, SuspectApp, SuspectSecret, Suspicion } from '../../src/core/diagnosis.ts'
import { header, type RawHeaders, setHeader } from '../../src/core/headers.ts'
import { type JsonEscapes, type JsonLayout, layJson } from '../../src/core/json-layout.ts'
import type { Keyring, SecretCandidate } from '../../src/core/keyring.ts'
import type { SampleMessage } from '../../src/core/sample.ts'
import { coversBody, coversUrl, isSigning, type SigningScheme } from '../../src/core/sign.ts'
import { readSignatures } from '../../src/core/signature-header.ts'
import { perItemScheme } from '../../src/core/verify-token.ts'
import type { Scheme } from '../../src/core/webhook-definition.ts'
import { keyringFor, secretsOf, signedDelivery, url } from './provider-deliveries.ts'

/** A request that something happened to, and the causes of which one at least must be named. */
export interface Damaged {
  suspicion: Suspicion
  causes: Cause[]
}

/** One kind of damage; null where a provider's scheme cannot suffer it. */
export interface Damage {
  name: string
  make(definition: ProviderDefinition, sample: SampleMessage): Damaged | null
}

export const day = 86_400_000

function keyringOf(definition: ProviderDefinition): Keyring {
  const keyring = keyringFor(definition, definition.activation.keyed ? 1 : null)
  return { ...keyring, secrets: keyring.secrets.filter(({ value }) => value !== undefined) }
}

export function schemeOf(definition: ProviderDefinition): Scheme {
  return definition.webhook.verify[0] as Scheme
}

/** The scheme, where it signs composed parts. */
function signingOf(definition: ProviderDefinition): SigningScheme | null {
  const scheme = schemeOf(definition)
  return isSigning(scheme) ? scheme : null
}

export function suspectApp(definition: ProviderDefinition, keyring: Keyring, name = 'mine'): SuspectApp {
  const secrets = keyring.secrets.map(
    (one): SuspectSecret => ({ ...one, hook: one.activation ? 'a hook of acme' : null, replaced: false }),
  )
  return { name, env: 'production', definition, keyring, secrets, urls: [] }
}

interface Change {
  headers?: RawHeaders
  body?: Buffer
  suffix?: string
  keyring?: Partial<Keyring>
}

/** A delivery that is right, with something changed after it was signed. */
function changed(
  definition: ProviderDefinition,
  sample: SampleMessage,
  causes: Cause[],
  change: (right: ReturnType<typeof signedDelivery>, keyring: Keyring) => Change | null,
  sign: Parameters<typeof signedDelivery>[3] = {},
): Damaged | null {
  const keyring = keyringOf(definition)
  const right = signedDelivery(definition, sample, keyring, sign)
  const made = change(right, keyring)
  if (!made) return null
  const { keyring: other, ...rest } = made
  const request = { ...right, ...rest }
  const app = suspectApp(definition, { ...keyring, ...other })
  return { suspicion: { request: { ...request, bytes: request.body.length }, app, others: [] }, causes }
}

/** The body is another one than was signed: `before` makes that one, `after` what of it came. */
function bodyDamage(
  name: string,
  causes: Cause[],
  before: (body: Buffer) => Buffer | undefined,
  after: (body: Buffer) => Buffer | undefined,
): Damage {
  return {
    name,
    make(definition, sample) {
      const scheme = signingOf(definition)
      if (!scheme || !coversBody(scheme)) return null
      const signed = before(sample.body)
      if (!signed || (name.includes('packed') && typeof scheme.time?.at === 'string')) return null
      return changed(definition, { ...sample, body: signed }, causes, ({ body }) => {
        const came = after(name.includes('packed') ? sample.body : body)
        return came && !came.equals(body) ? { body: came } : null
      })
    },
  }
}

const compact: JsonLayout = { comma: ',', colon: ':' }
const indented: JsonLayout = { comma: ',', colon: ': ', indent: '  ' }
const wide: JsonLayout = { comma: ',', colon: ': ', indent: '    ' }
const python: JsonLayout = { comma: ', ', colon: ': ' }

/** JSON with letters that serialisers write in different ways. */
function withLetters(body: Buffer): Buffer | undefined {
  const plain = layJson(body, compact, 'raw')
  if (!plain || plain.length < 4) return undefined
  return Buffer.from(plain.toString().replace('{', '{"note":"é / <日> &",').replace(',}', '}'))
}

function laid(layout: JsonLayout, escapes: JsonEscapes): (body: Buffer) => Buffer | undefined {
  return body => {
    const lettered = withLetters(body)
    return lettered && layJson(lettered, layout, escapes)
  }
}

const again =
  (layout: JsonLayout | null, escapes: JsonEscapes) =>
  (body: Buffer): Buffer | undefined =>
    layJson(body, layout, escapes)
const same = (body: Buffer): Buffer => body
const text = (change: (text: string) => string) => (body: Buffer) => Buffer.from(change(body.toString()))
const bare = text(body => body.trim())

export const bodyDamages: Damage[] = [
  bodyDamage(
    'line end cut off',
    ['trailing-newline'],
    text(body => `${body.trim()}\n`),
    bare,
  ),
  bodyDamage(
    'line end added',
    ['trailing-newline'],
    bare,
    text(body => `${body}\n`),
  ),
  bodyDamage(
    'CRLF end added',
    ['trailing-newline'],
    bare,
    text(body => `${body}\r\n`),
  ),
  bodyDamage(
    'LF made CRLF',
    ['line-ends'],
    laid(indented, 'raw'),
    text(body => body.replaceAll('\n', '\r\n')),
  ),
  bodyDamage(
    'CRLF made LF',
    ['line-ends'],
    body => again(null, 'keep')(Buffer.from((laid(indented, 'raw')(body) ?? '').toString().replaceAll('\n', '\r\n'))),
    text(body => body.replaceAll('\r\n', '\n')),
  ),
  bodyDamage(
    'byte order mark added',
    ['byte-order-mark'],
    bare,
    text(body => `\ufeff${body}`),
  ),
  bodyDamage(
    'byte order mark cut off',
    ['byte-order-mark'],
    text(body => `\ufeff${body.trim()}`),
    body => body.subarray(3),
  ),
  bodyDamage(
    'blanks around',
    ['blanks-around'],
    bare,
    text(body => `  ${body}\t\n`),
  ),
  bodyDamage('compact made pretty', ['json-layout'], laid(compact, 'raw'), again(indented, 'keep')),
  bodyDamage('pretty made compact', ['json-layout'], laid(indented, 'raw'), again(compact, 'keep')),
  bodyDamage('four blanks made compact', ['json-layout'], laid(wide, 'raw'), again(compact, 'keep')),
  bodyDamage('blanks behind colons lost', ['json-layout'], laid(python, 'raw'), again(compact, 'keep')),
  bodyDamage(
    'pretty with its line end made compact',
    ['json-layout'],
    body => Buffer.from(`${laid(indented, 'raw')(body)}\n`),
    again(compact, 'keep'),
  ),
  bodyDamage('letters unescaped', ['json-escapes', 'json-layout'], laid(compact, 'ascii'), again(null, 'raw')),
  bodyDamage('letters escaped', ['json-escapes'], laid(compact, 'raw'), again(null, 'ascii')),
  bodyDamage('slashes unescaped', ['json-escapes'], laid(compact, 'slashes'), again(null, 'raw')),
  bodyDamage('PHP made plain and pretty', ['json-layout'], laid(compact, 'ascii-slashes'), again(indented, 'raw')),
  bodyDamage('Go made plain', ['json-escapes'], laid(compact, 'html'), again(null, 'raw')),
  bodyDamage('unpacked on its way (packed)', ['compression'], body => gzipSync(body), same),
  bodyDamage('packed on its way', ['compression'], same, body => gzipSync(body)),
  bodyDamage('base64 on its way', ['transfer-encoding'], same, body => Buffer.from(body.toString('base64'))),
  bodyDamage(
    'one JSON string',
    ['transfer-encoding'],
    same,
    text(body => JSON.stringify(body)),
  ),
  bodyDamage(
    'letters read as Latin-1',
    ['text-encoding'],
    body => laid(compact, 'raw')(Buffer.from(body.toString().replace(/[\u0100-\uffff]/g, ''))),
    body => Buffer.from(body.toString('latin1')),
  ),
]

/** The secret is stored otherwise than the provider has it. */
function secretDamage(name: string, causes: Cause[], store: (value: string) => string): Damage {
  return {
    name,
    make(definition, sample) {
      if (definition.webhook.verify.every(one => one.scheme === 'url-key' || ('key' in one && 'jwks' in one.key)))
        return null
      return changed(definition, sample, causes, (_, { secrets }) => ({
        keyring: { secrets: secrets.map(one => ({ ...one, value: store(one.value) })) },
      }))
    },
  }
}

export const secretDamages: Damage[] = [
  secretDamage('secret with a line end', ['secret-text', 'secret-form'], value => `${value}\n`),
  secretDamage('secret with blanks', ['secret-text', 'secret-form'], value => ` ${value}  `),
  secretDamage('secret in quotes', ['secret-text', 'secret-form'], value => `"${value}"`),
  secretDamage('secret as a line of a file', ['secret-text', 'secret-form'], value => `WEBHOOK_SECRET='${value}'`),
  secretDamage('secret with an invisible character', ['secret-text', 'secret-form'], value => `\u200b${value}`),
  {
    name: 'secret of another app',
    make: (definition, sample) => withSecrets(definition, sample, ['other-app'], 'other'),
  },
  {
    name: 'secret that was replaced',
    make: (definition, sample) => withSecrets(definition, sample, ['old-secret'], 'replaced'),
  },
  {
    name: 'secret of another name',
    make(definition, sample) {
      const [name, other] = Object.keys(secretsOf(definition))
      if (name === undefined || other === undefined) return null
      return withSecrets(definition, sample, ['other-secret'], 'named', other)
    },
  },
]

/** The right secret is not the app's: another app has it, it was replaced, or it stands under another name. */
function withSecrets(
  definition: ProviderDefinition,
  sample: SampleMessage,
  causes: Cause[],
  how: 'other' | 'replaced' | 'named',
  name = '',
): Damaged | null {
  const scheme = schemeOf(definition)
  if (scheme.scheme === 'url-key' || !('key' in scheme) || 'jwks' in scheme.key) return null
  const { key } = scheme
  if (how === 'named' && (name === key.secret || isKeyedToo(definition))) return null
  const keyring = keyringOf(definition)
  const request = signedDelivery(definition, sample, keyring)
  const wrong = (one: SecretCandidate): SecretCandidate => ({
    ...one,
    value: Buffer.from(`wrong${one.name}`.padEnd(32, '0')).toString(how === 'other' || true ? 'hex' : 'hex'),
  })
  const mine = suspectApp(definition, { ...keyring, secrets: keyring.secrets.map(wrong) })
  const right = keyring.secrets.find(one => one.name === key.secret) as SecretCandidate
  const suspect: SuspectSecret = { ...right, activation: null, hook: null, replaced: how === 'replaced' }
  if (how === 'named') suspect.name = name
  const others = how === 'other' ? [{ ...suspectApp(definition, keyring, 'theirs'), env: 'sandbox' }] : []
  if (how !== 'other') mine.secrets.push(suspect)
  return { suspicion: { request: { ...request, bytes: request.body.length }, app: mine, others }, causes }
}

function isKeyedToo({ webhook }: ProviderDefinition): boolean {
  return webhook.verify.some(one => one.scheme === 'url-key')
}

/** The signature header's text, with the signature and what stands around it. */
function signatureIn(scheme: SigningScheme, headers: RawHeaders): { name: string; all: string; signature: string } {
  const names = scheme.header.names.map(one => one.replace('{n}', '1'))
  const name = names.find(one => header(headers, one) !== undefined) as string
  const given = readSignatures(scheme.header, headers) as { signatures: string[] }
  return { name, all: header(headers, name) as string, signature: given.signatures[0] as string }
}

/** The signature is right and written otherwise. */
function writtenDamage(
  name: string,
  causes: Cause[],
  write: (scheme: SigningScheme, given: ReturnType<typeof signatureIn>, headers: RawHeaders) => RawHeaders | null,
): Damage {
  return {
    name,
    make(definition, sample) {
      const scheme = signingOf(definition)
      if (!scheme) return null
      return changed(definition, sample, causes, ({ headers }) => {
        const made = write(scheme, signatureIn(scheme, headers), headers)
        return made && { headers: made }
      })
    },
  }
}

export const writtenDamages: Damage[] = [
  writtenDamage(
    'hex in place of base64 and the other way',
    ['encoding'],
    (scheme, { name, all, signature }, headers) => {
      const other = scheme.encoding === 'hex' ? 'base64' : 'hex'
      return setHeader(headers, name, all.replace(signature, Buffer.from(signature, scheme.encoding).toString(other)))
    },
  ),
  writtenDamage('base64url', ['encoding'], (scheme, { name, all, signature }, headers) => {
    const other = Buffer.from(signature, scheme.encoding).toString('base64url')
    return setHeader(headers, name, all.replace(signature, other))
  }),
  writtenDamage('prefix cut off', ['prefix'], (scheme, { name, all, signature }, headers) => {
    const { prefix, list, words } = scheme.header
    const wanted = list ? `${list.signature}=` : words ? `${words.version},` : prefix
    return wanted ? setHeader(headers, name, all.replace(wanted + signature, signature)) : null
  }),
  writtenDamage('another prefix', ['prefix'], (scheme, { name, all, signature }, headers) =>
    scheme.header.list || scheme.header.words ? null : setHeader(headers, name, all.replace(all, `hmac=${signature}`)),
  ),
  writtenDamage('in quotes', ['quoted'], (_, { name, all }, headers) => setHeader(headers, name, `"${all}"`)),
  writtenDamage('header doubled', ['doubled-header'], (_, { name, all, signature }, headers) => [
    ...headers,
    name,
    all.replace(signature, `${signature.startsWith('a') ? 'b' : 'a'}${signature.slice(1)}`),
  ]),
  writtenDamage('another header', ['other-header'], (_, { name }, headers) =>
    headers.map((one, index) => (index % 2 === 0 && one.toLowerCase() === name ? 'x-forwarded-signature' : one)),
  ),
]

/** Another URL was signed than the one that is registered. */
function urlDamage(name: string, signed: string): Damage {
  return {
    name,
    make(definition, sample) {
      return coversUrl(schemeOf(definition)) ? changed(definition, sample, ['url'], () => ({}), { url: signed }) : null
    },
  }
}

export const urlDamages: Damage[] = [
  urlDamage('http', url.replace('https', 'http')),
  urlDamage('port', url.replace('.com', '.com:8443')),
  urlDamage('slash', `${url}/`),
  urlDamage('no path', new URL(url).origin),
  urlDamage('http and slash', `${url.replace('https', 'http')}/`),
]

export const otherDamages: Damage[] = [
  {
    name: 'stale',
    make: (definition, sample) => shifted(definition, sample, day),
  },
  {
    name: 'from the future',
    make: (definition, sample) => (schemeOf(definition).scheme === 'jwt' ? null : shifted(definition, sample, -day)),
  },
  {
    name: 'truncated',
    make(definition, sample) {
      const scheme = schemeOf(definition)
      if (!coversBody(scheme) || sample.body.length < 2) return null
      const made = changed(definition, sample, ['truncated'], ({ body }) => ({
        body: body.subarray(0, body.length - 2),
      }))
      return (
        made && { ...made, suspicion: { ...made.suspicion, request: { ...made.suspicion.request, bytes: 90_000 } } }
      )
    },
  },
  {
    name: 'another hash',
    make(definition, sample) {
      const scheme = signingOf(definition)
      if (scheme?.scheme !== 'hmac') return null
      return signedBy(definition, sample, ['other-hash'], {
        ...scheme,
        hash: scheme.hash === 'sha1' ? 'sha256' : 'sha1',
      })
    },
  },
  {
    name: 'body alone',
    make(definition, sample) {
      const scheme = signingOf(definition)
      if (!scheme || scheme.scheme === 'hash' || !scheme.signs.includes('body') || scheme.signs.length < 2) return null
      return signedBy(definition, sample, ['body-alone'], { ...scheme, signs: ['body'] })
    },
  },
  {
    name: 'a weaker scheme',
    make(definition, sample) {
      const { verify } = definition.webhook
      const weaker = verify.findIndex((one, index) => index > 0 && isSigning(one))
      if (weaker < 0 || !isSigning(schemeOf(definition))) return null
      const keyring = keyringOf(definition)
      const secrets = Object.fromEntries(Object.keys(secretsOf(definition)).map(name => [name, 'forged']))
      return changed(
        definition,
        sample,
        ['other-scheme'],
        right => {
          const both = signedDelivery(definition, right, keyring, { scheme: 0, secrets })
          return { headers: both.headers }
        },
        { scheme: weaker },
      )
    },
  },
]

function shifted(definition: ProviderDefinition, sample: SampleMessage, by: number): Damaged | null {
  const scheme = schemeOf(definition)
  if (!('time' in scheme && scheme.time) && scheme.scheme !== 'jwt') return null
  return changed(definition, sample, ['time'], (_, { now }) => ({ keyring: { now: now + by } }))
}

function signedBy(
  definition: ProviderDefinition,
  sample: SampleMessage,
  causes: Cause[],
  scheme: SigningScheme,
): Damaged | null {
  const verify = [scheme, ...definition.webhook.verify.slice(1)]
  const signer = { ...definition, webhook: { ...definition.webhook, verify } }
  const made = changed(signer, sample, causes, () => ({}))
  return made && { ...made, suspicion: { ...made.suspicion, app: { ...made.suspicion.app, definition } } }
}

/** Damages of tokens and credentials. */
export const tokenDamages: Damage[] = [
  tokenDamage('token in quotes', ['quoted', 'encoding', 'secret-text'], one => `"${one}"`),
  tokenDamage('a word before the token', ['prefix', 'encoding'], one => `Bearer ${one}`),
  tokenDamage('token in base64', ['encoding', 'prefix'], one => Buffer.from(one).toString('base64')),
]

function tokenDamage(name: string, causes: Cause[], write: (token: string) => string): Damage {
  return {
    name,
    make(definition, sample) {
      const scheme = schemeOf(definition)
      if ((scheme.scheme !== 'token' && scheme.scheme !== 'basic') || perItemScheme(scheme)) return null
      return changed(definition, sample, causes, ({ headers }, { secrets }) => {
        const value = secrets.find(one => one.name === scheme.key.secret)?.value as string
        const at =
          scheme.scheme === 'token' && typeof scheme.at === 'object' && 'header' in scheme.at
            ? scheme.at.header
            : 'authorization'
        return { headers: setHeader(headers, at, write(value)) }
      })
    },
  }
}
