import { Buffer } from 'node:buffer'
import { decodeBody } from './decode.ts'
import { type Finding, type Match, proved, type Suspicion, secretText } from './diagnosis.ts'
import { header, headerCount, headerValues } from './headers.ts'
import { claimFault, isSignedBy, isSignedByKey, type ParsedJwt, parseJwt, wantedClaims } from './jwt.ts'
import { publishedKey, queryOf } from './keyring.ts'
import { schemeName } from './scheme-text.ts'
import { secretTexts } from './secret-variants.ts'
import { splitItems } from './split.ts'
import { type Suspect, type SuspectKey, suspectKeys, suspects } from './suspect-keys.ts'
import { safeText } from './text.ts'
import { fillUrl } from './url-template.ts'
import { headersIn, type ItemContext, readValue } from './value.ts'
import { valueText } from './value-text.ts'
import { basicText, perItemScheme } from './verify-token.ts'
import type { BasicScheme, JwtScheme, TokenScheme } from './webhook-definition.ts'

/** A text that may be the token, and how it stands there otherwise than the scheme says. */
interface Given {
  text: string
  place: string
  findings: Finding[]
}

/** Looks for what must be undone so that the token (or credentials, or JSON Web Token) of a request is one that is known. */
export function diagnoseToken(suspicion: Suspicion, context: () => ItemContext): Match | null {
  for (const scheme of suspicion.app.definition.webhook.verify) {
    if (scheme.scheme === 'jwt') {
      const match = diagnoseJwt(suspicion, scheme, context)
      if (match) return match
    }
    if (scheme.scheme !== 'token' && scheme.scheme !== 'basic') continue
    const known = suspects(suspicion, scheme.key, context)
    const given = scheme.scheme === 'basic' ? givenBasic(suspicion) : givenTokens(suspicion, scheme, context)
    const match =
      matchText(schemeName(scheme), known, given) ??
      (scheme.scheme === 'basic' ? halfRight(known, given, scheme) : null)
    if (match) return match
  }
  return null
}

/** The nearest pair of what was given and what is known, each as it is and as it may have been read. */
function matchText(name: string, known: Suspect[], given: Given[]): Match | null {
  const wanted = known.flatMap(({ app, secret, findings }) => [
    { text: secret.value, findings, whose: secretText(app, secret) },
    ...secretTexts(secret.value).map(one => ({
      text: one.value,
      findings: [...findings, proved('secret-text', `what came is ${one.text}`)],
      whose: secretText(app, secret),
    })),
  ])
  let best: Match | null = null
  for (const one of given) {
    for (const secret of wanted) {
      if (one.text === '' || one.text !== secret.text) continue
      const findings = [...secret.findings, ...one.findings]
      if (best && best.findings.length <= findings.length) continue
      best = { findings, evidence: `the ${name} in ${one.place} is ${secret.whose}` }
    }
  }
  return best
}

/** What may be the token: as the scheme says, in quotes, in base64, or in another header. */
function givenTokens({ request, app }: Suspicion, scheme: TokenScheme, context: () => ItemContext): Given[] {
  const place = valueText(scheme.at)
  const contexts = perItemScheme(scheme) ? itemContexts({ request, app }, context) : [context()]
  const read = contexts.flatMap(one => readValue(one, scheme.at)?.text ?? [])
  const found: Given[] = [...new Set(read)].flatMap(text => spellings({ text, place, findings: [] }))
  const names = headersIn(scheme.at)
  for (let index = 0; index < request.headers.length; index += 2) {
    const [name = '', text = ''] = request.headers.slice(index, index + 2)
    const count = headerCount(request.headers, name)
    const isOwn = names.includes(name.toLowerCase())
    if (isOwn && count === 1) continue
    const finding = isOwn
      ? proved('doubled-header', `header ${name} came ${count} times`)
      : proved('other-header', `the token stands in header ${name}, not in ${place}`)
    found.push(...spellings({ text, place: `header ${name}`, findings: [finding] }))
  }
  return found
}

function spellings(one: Given): Given[] {
  const add = (text: string, finding: Finding): Given => ({ ...one, text, findings: [...one.findings, finding] })
  const bare = one.text.trim().replace(/^(['"])(.*)\1$/s, '$2')
  const behind = /^(?:Bearer|Token|Basic)\s+(.+)$/is.exec(bare)?.[1]
  return [
    one,
    add(bare, proved('quoted', `${one.place} holds the token in quotes or blanks`)),
    ...(behind ? [add(behind, proved('prefix', `${one.place} has a word before the token`))] : []),
    add(Buffer.from(bare, 'base64').toString(), proved('encoding', `${one.place} holds the token in base64`)),
  ]
}

function itemContexts({ request, app }: Pick<Suspicion, 'request' | 'app'>, context: () => ItemContext): ItemContext[] {
  const { webhook } = app.definition
  const decoded = decodeBody(webhook.body, request)
  if ('fault' in decoded) return [context()]
  const { headers } = request
  const items = splitItems(decoded.doc, webhook.split) ?? []
  return items.map(item => ({ doc: decoded.doc, item, headers, query: queryOf(request) }))
}

/** Credentials as RFC 7617 writes them, and as they are written wrongly: without base64, as a bearer token. */
function givenBasic({ request }: Suspicion): Given[] {
  const place = 'header authorization'
  const values = headerValues(request.headers, 'authorization')
  if (values.length > 1) {
    const twice = proved('doubled-header', `${place} came ${values.length} times`)
    return values.flatMap(one => {
      const inside = basicText({ ...request, headers: ['authorization', one] })
      return inside === undefined ? [] : [{ text: inside, place, findings: [twice] }]
    })
  }
  const plain = basicText(request)
  const [text = ''] = values
  const behind = /^(?:Basic|Bearer)\s+(.+)$/is.exec(text)?.[1] ?? text
  const found: Given[] = plain === undefined ? [] : [{ text: plain, place, findings: [] }]
  found.push({ text: behind, place, findings: [proved('encoding', 'the credentials are not in base64')] })
  const decoded = Buffer.from(behind, 'base64').toString()
  if (plain === undefined)
    found.push({ text: decoded, place, findings: [proved('prefix', 'the credentials do not stand behind "Basic"')] })
  const percent = /%[0-9a-f]{2}/i.test(plain ?? '')
    ? decodeURIComponent((plain as string).replace(/%(?![0-9a-f]{2})/gi, '%25'))
    : undefined
  if (percent)
    found.push({ text: percent, place, findings: [proved('encoding', 'the credentials are percent-encoded')] })
  return found
}

/** Of `user:password` one of the two may be right. */
function halfRight(known: Suspect[], given: Given[], scheme: BasicScheme): Match | null {
  for (const one of given) {
    const [user = '', ...rest] = one.text.split(':')
    for (const { app, secret, findings } of known) {
      const [wanted = '', ...behind] = secret.value.split(':')
      if (findings.length > 0 || rest.length === 0) continue
      const sameUser = user !== '' && user === wanted
      const samePassword = rest.join(':') === behind.join(':') && behind.join('') !== ''
      if (!sameUser && !samePassword) continue
      const text = sameUser
        ? 'the user is the stored one, the password is another'
        : 'the password is the stored one, the user is another'
      const evidence = `${schemeName(scheme)} in ${one.place}, compared with ${secretText(app, secret)}`
      return { findings: [...one.findings, proved('user', text)], evidence }
    }
  }
  return null
}

/** Whose secret made a token, and what of its claims is wrong. */
function diagnoseJwt({ request, app, others }: Suspicion, scheme: JwtScheme, context: () => ItemContext): Match | null {
  const text = header(request.headers, scheme.header)?.trim()
  const bare = text?.toLowerCase().startsWith(scheme.prefix.trim().toLowerCase())
    ? text.slice(scheme.prefix.length)
    : text
  const token = bare ? parseJwt(bare.trim()) : undefined
  if (!token) return null
  const prefix =
    bare === text && scheme.prefix !== '' ? [proved('prefix', `the token lacks the prefix ${scheme.prefix}`)] : []
  const count = headerCount(request.headers, scheme.header)
  const twice = count > 1 ? [proved('doubled-header', `header ${scheme.header} came ${count} times`)] : []
  const found = signerOf({ request, app, others }, scheme, token, context)
  if (!found) return null
  const fault = claimFault(token, wantedClaims(scheme, app.keyring.slots), app.keyring.now)
  const claims = fault ? [proved(fault.reason === 'wrong-token' ? 'claims' : 'time', fault.detail)] : []
  const evidence = `the token in header ${scheme.header} is signed (${token.algorithm.slice(0, 10)}) by ${found.text}`
  return { findings: [...found.findings, ...prefix, ...twice, ...claims], evidence }
}

/** The secret or published key that made a token. */
function signerOf(
  suspicion: Suspicion,
  scheme: JwtScheme,
  token: ParsedJwt,
  context: () => ItemContext,
): Pick<SuspectKey, 'text' | 'findings'> | undefined {
  if (!('jwks' in scheme.key)) {
    const keys = suspectKeys(suspects(suspicion, scheme.key, context), scheme.key, false)
    return keys.find(({ bytes }) => isSignedBy(token, bytes))
  }
  const { keyring } = suspicion.app
  const keyId = token.keyId ?? ''
  const jwk = publishedKey(keyring, fillUrl(scheme.key.jwks, keyring.hosts), keyId)
  return jwk && isSignedByKey(token, jwk) ? { text: `the published key ${safeText(keyId)}`, findings: [] } : undefined
}
