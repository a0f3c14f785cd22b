import type { Buffer } from 'node:buffer'
import { normaliseAccount } from '../core/account.ts'
import type { AccountKind, Path } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { scalarAt, scanJson } from '../core/json-scan.ts'
import { find } from '../core/path.ts'
import { clip, safeText } from '../core/text.ts'
import { fillUrl } from '../core/url-template.ts'
import type { ProvedAccount } from '../store/connection-ops.ts'
import type { ConsentContext, ConsentDeps } from './consent.ts'

/** An account as the browser brought it: well-formed, and not yet believed. */
export interface ClaimedAccount {
  kind: AccountKind
  value: string
}

/**
 * Reads the account that a callback names.
 * @throws WhsError `no-account`, `bad-account` (exit 4)
 */
export function claimedAccount({ definition, app }: ConsentContext, callback: URLSearchParams): ClaimedAccount {
  const kind = definition.accounts.find(({ consent }) => consent.from === 'callback') as AccountKind
  const values = callback.getAll(kind.consent.parameter)
  const [raw] = values
  const next = `whs connect ${app.name}`
  if (raw === undefined || values.length > 1) {
    throw new WhsError({
      code: 'no-account',
      exit: exits.consent,
      what: `${definition.company} did not say which ${kind.noun} was chosen`,
      why: `the callback has ${values.length === 0 ? 'no' : 'more than one'} ${kind.consent.parameter}`,
      next,
    })
  }
  const value = new RegExp(kind.pattern).test(raw) ? normaliseAccount(kind.normalise, raw) : undefined
  if (value !== undefined) return { kind, value }
  throw new WhsError({
    code: 'bad-account',
    exit: exits.consent,
    what: `the browser brought a ${kind.word} that cannot be one`,
    why: `"${clip(safeText(raw), 60)}" does not look like a ${kind.word}`,
    next,
  })
}

/**
 * Proves a claimed account by a call with the consenting person's new token: whoever changes the callback in the
 * browser cannot read somebody else's account.
 * @throws WhsError `proof-refused` (exit 4), `unreachable`, `proof-failed` (exit 10)
 */
export async function proveAccount(
  deps: ConsentDeps,
  { definition, hosts, app }: ConsentContext,
  { kind, value }: ClaimedAccount,
  token: string,
): Promise<ProvedAccount> {
  const { prove, equals, name } = kind.consent
  const answer = await deps.http({
    method: prove.method,
    url: fillUrl(prove.url, hosts, { account: value }),
    headers: { accept: 'application/json', ...prove.headers, authorization: `Bearer ${token}` },
  })
  const next = `whs connect ${app.name}`
  if (answer.status >= 500 || answer.status === 429) {
    throw new WhsError({
      code: 'proof-failed',
      exit: exits.api,
      what: `${definition.company} could not say whether ${kind.word} ${value} belongs to this consent`,
      why: `its API answered ${answer.status}; a ${kind.word} is believed only after a call with the new token`,
      next: `wait a moment, then ${next}`,
    })
  }
  const repeated = equals === undefined ? value : normaliseAccount(kind.normalise, textAt(answer.body, equals) ?? '')
  if (answer.status < 200 || answer.status > 299 || repeated !== value) {
    throw new WhsError({
      code: 'proof-refused',
      exit: exits.consent,
      what: `${kind.word} ${value} came through the browser, and the new token cannot read it`,
      why:
        repeated === value ? `${definition.company}'s API answered ${answer.status}` : 'the API named another account',
      next,
    })
  }
  return {
    kind: kind.kind,
    value,
    name: (name && clip(safeText(textAt(answer.body, name) ?? ''), 120)) || null,
    proof: `${prove.method} ${prove.url.replace(/^\{\w+\}/, '').replace(/\?.*$/, '')} answered ${answer.status} to the new token`,
  }
}

function textAt(body: Buffer, path: Path): string | undefined {
  const doc = scanJson(body)
  if ('fault' in doc) return undefined
  const found = find(doc, path, { node: 0, pointer: '', stars: [] })
  return found && scalarAt(doc, found.node)
}
