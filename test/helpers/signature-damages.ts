import { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../../src/core/definition.ts'
import type { Cause } from '../../src/core/diagnosis.ts'
import { header, type RawHeaders, setHeader } from '../../src/core/headers.ts'
import type { SampleMessage } from '../../src/core/sample.ts'
import { coversBody, coversUrl, isSigning, type SigningScheme } from '../../src/core/sign.ts'
import { readSignatures } from '../../src/core/signature-header.ts'
import { changed, type Damage, type Damaged, keyringOf, schemeOf, signingOf } from './damage.ts'
import { secretsOf, signedDelivery, url } from './provider-deliveries.ts'

const day = 86_400_000

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
    name: 'time in another unit',
    make(definition, sample) {
      const scheme = signingOf(definition)
      const { time } = scheme ?? {}
      if (!scheme || !time || time.unit === 'iso') return null
      return signedBy(definition, sample, ['time-unit'], {
        ...scheme,
        time: { ...time, unit: time.unit === 's' ? 'ms' : 's' },
      })
    },
  },
  {
    name: 'time in another unit than was signed',
    make(definition, sample) {
      const scheme = signingOf(definition)
      if (scheme?.time?.unit !== 's' || typeof scheme.time.at !== 'object' || !('header' in scheme.time.at)) return null
      const { header: name } = scheme.time.at
      return changed(definition, sample, ['time-unit'], ({ headers }) => ({
        headers: setHeader(headers, name, `${header(headers, name)}000`),
      }))
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
