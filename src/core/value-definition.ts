/**
 * A subset of JSONPath (RFC 9535): `$` is the decoded body (or an API's answer), `@` the item; then `.name`, `['name']`,
 * `['one','other']` (each that exists; in a split only), `[0]` and `[*]`. A `[*]` of a `$` path below a split takes the
 * element that the item's own split path has there, so that it can name an ancestor.
 */
export type Path = string

/** A value read from a delivery or an API's answer. */
export type Value =
  | Path
  | { header: string }
  /** A parameter of the query with which the callback URL was called. */
  | { query: string }
  /** Always the same. */
  | { text: string }
  /** The first that exists. */
  | { first: Value[] }
  /** Those that exist, with `by` between them. */
  | { join: Value[]; by: string }
  /** The pieces between `by`, from `from` up to (not including) `to`, joined again: `qbo.invoice.created.v1` → 1..3. */
  | { part: { of: Value; by: string; from: number; to?: number } }
  /** Text with paths in braces: `{@.name}.{@.operation}`; it exists where all of them do. */
  | { template: string }
  /** The first group of a pattern, in at most 512 characters; no pattern may repeat a repetition. */
  | { capture: { of: Value; pattern: string } }
  /** One word for another; what is not listed stays as it is. */
  | { map: { of: Value; words: Record<string, string> } }
  /** The name of a step on the way to the item, counted back from the item's own (0): in `…/Invoice/3` step 1 is `Invoice`. */
  | { step: number }
  /** Base64 (either alphabet) of JSON, and a path in that. */
  | { base64Json: { of: Value; at: Path } }

/**
 * A condition: that a value exists, what it is, that it does not exist, that an array or object there is empty, or that two
 * values are the same text.
 */
export type When =
  | Path
  | { at: Value; is: string | string[] }
  | { exists: Value }
  | { absent: Value }
  | { empty: Path }
  | { equal: [Value, Value] }
  | { all: When[] }

/**
 * `{role}/path/{slot}?query={slot}`: the first slot is a host role, every other one is percent-encoded. What slots there
 * are depends on the place; `call.ts` lists them.
 */
export type UrlTemplate = string

/**
 * Text with slots in braces, filled in as they are (header and body values). A slot is `{name}` or `{name.more}` without
 * blanks; other braces, such as those of GraphQL, stand for themselves where a blank follows.
 */
export type TextTemplate = string

/**
 * One HTTP call to the provider's API: account look-up, proof, record, subscription, catch-up. It goes to the
 * definition's hosts alone, over https, and follows no redirect.
 */
export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: UrlTemplate
  headers?: Record<string, TextTemplate>
  /** How the call proves itself; absent: `Authorization: Bearer` and the tenant's token. */
  auth?: CallAuth
  /** A JSON value whose texts are templates, form fields, or nothing. */
  body?: { json: unknown } | { form: Record<string, TextTemplate> }
  /** Where the answer says in a 2xx that it failed, such as Slack's `ok: false`. */
  failedWhen?: When
  /** How further pages are asked for. */
  page?: Page
}

export type CallAuth =
  | 'none'
  | { bearer: TextTemplate }
  | { basic: [user: TextTemplate, password: TextTemplate] }
  | { header: string; value: TextTemplate }
  /** A bearer that is a JWT (RFC 7519, RS256) of the app itself, signed with its private key in PEM form, for 9 minutes. */
  | { jwt: TextTemplate; issuer: TextTemplate }

/**
 * `cursor`: the answer's value is sent back as a query parameter until it is missing (or `more` says false);
 * `link`: the `Link` header's `rel="next"` (RFC 8288); `url`: the answer holds the next page's whole URL; `number`: pages
 * are numbered from 1, and the answer says how many there are; `item`: a value of the page's last item is sent back; `body`:
 * the answer's value is sent back as a field of the JSON body.
 */
export type Page =
  | { by: 'cursor'; parameter: string; at: Path; more?: When }
  | { by: 'number'; parameter: string; pages: Path }
  | { by: 'link' }
  | { by: 'url'; at: Path }
  | { by: 'item'; parameter: string; items: Path; at: Value; more: When }
  | { by: 'body'; field: string; at: Path }
