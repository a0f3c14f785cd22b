import { each, type Field, fields, list, words } from './field-faults.ts'

const lazyValue: Field = { lazy: () => value }

/** A value that is read from a delivery or an answer, in each of its forms. */
const valueForms: Record<string, Record<string, Field>> = {
  header: { header: 'text' },
  query: { query: 'text' },
  text: { text: 'text' },
  first: { first: list(lazyValue) },
  join: { join: list(lazyValue), by: 'any text' },
  part: { part: fields({ of: lazyValue, by: 'text', from: 'number', 'to?': 'number' }) },
  template: { template: 'text' },
  capture: { capture: fields({ of: lazyValue, pattern: 'text' }) },
  map: { map: fields({ of: lazyValue, words: each('any text') }) },
  base64Json: { base64Json: fields({ of: lazyValue, at: 'text' }) },
  step: { step: 'number' },
}
const aPath = 'a path such as "$.id" or "@.id"'
export const value = { forms: valueForms, text: aPath } satisfies Field

/** A condition, in each of its forms. */
export const condition: Field = {
  forms: {
    at: { at: value, is: 'text or texts' },
    exists: { exists: value },
    absent: { absent: value },
    empty: { empty: 'text' },
    equal: { equal: list(value) },
    all: { all: list({ lazy: () => condition }) },
  },
  text: aPath,
}
const methods = words('GET', 'POST', 'PUT', 'PATCH', 'DELETE')
/** The fields of a call. */
export const callFields: Record<string, Field> = {
  method: methods,
  url: 'text',
  'headers?': each('text'),
  'auth?': {
    forms: {
      bearer: { bearer: 'text' },
      basic: { basic: list('any text') },
      header: { header: 'text', value: 'text' },
      jwt: { jwt: 'text', issuer: 'text' },
    },
    words: ['none'],
  },
  'body?': { forms: { json: { json: 'anything' }, form: { form: each('any text') } } },
  'failedWhen?': condition,
  'page?': {
    forms: {
      pages: { by: words('number'), parameter: 'text', pages: 'text' },
      items: { by: words('item'), parameter: 'text', items: 'text', at: value, more: condition },
      field: { by: words('body'), field: 'text', at: 'text' },
      parameter: { by: words('cursor'), parameter: 'text', at: 'text', 'more?': condition },
      at: { by: words('url'), at: 'text' },
      by: { by: words('link') },
    },
  },
}
export const call: Field = fields(callFields)

/** Where a consent's accounts come from. */
export const identityFrom: Field = { forms: { url: callFields }, words: ['callback', 'token', 'id-token', 'ask'] }

export const decoder: Field = { forms: { jsonField: { jsonField: 'text' } }, words: ['json', 'form', 'empty'] }
export const signedPart: Field = {
  forms: { text: { text: 'text' }, header: { header: 'text' } },
  words: ['body', 'method', 'url', 'secret', 'time', 'sorted-form'],
}

const accountFields = { kind: 'text', at: value, 'when?': condition } satisfies Record<string, Field>
export const account: Field = { forms: { agree: { agree: list(fields(accountFields)) }, kind: accountFields } }

export const proof: Field = { forms: { token: { token: value, secret: 'text' } }, words: ['none', 'signature'] }
const echo: Field = {
  forms: {
    ...valueForms,
    json: { json: 'plain value' },
    hmac: { hmac: fields({ of: value, secret: 'text', pattern: 'text' }) },
  },
  text: aPath,
}
export const handshakeReply: Field = fields({
  status: 'number',
  'text?': value,
  'json?': each(echo),
  'headers?': each(value),
})

export const tokenReply: Field = fields({
  'access?': 'text',
  'refresh?': 'text',
  'scope?': 'text',
  'expiresIn?': 'text',
  'expiresAt?': 'text',
  'refreshExpiresIn?': 'text',
  'refreshExpiresAt?': 'text',
  'failedWhen?': condition,
  'error?': value,
  'learn?': each(value),
})
export const revoke: Field = {
  forms: {
    call: { call },
    url: { url: 'text', body: words('json', 'form'), field: 'text', 'token?': words('refresh', 'access') },
  },
}
