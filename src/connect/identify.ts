import { Buffer } from 'node:buffer'
import { normaliseAccount } from '../core/account.ts'
import type { AccountKind, ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { Slots } from '../core/fill-text.ts'
import { claimFault, parseJwt } from '../core/jwt.ts'
import { clip, safeText } from '../core/text.ts'
import { answerContext, type ItemContext, readValue } from '../core/value.ts'
import type { Call } from '../core/value-definition.ts'
import type { ProvedAccount } from '../store/finish-consent-op.ts'
import { callName, callPages, itemsIn } from './api-call.ts'
import { type ConsentContext, type ConsentDeps, clientIdOf } from './consent.ts'
import { callbackValues, type Filling, jwtPayload, learnedSlots } from './slots.ts'

/** One of those for whom a consent is: its accounts (well-formed, the one that people mean first) and slots. */
export interface Identified {
  accounts: [ProvedAccount, ...ProvedAccount[]]
  name: string | null
  /** What is known from here on. */
  slots: Slots
}

/**
 * The accounts that are known before anything is exchanged: those of the callback, or what was typed. Null where the
 * definition has them from elsewhere.
 * @throws WhsError `no-account`, `bad-account` (exit 4)
 */
export function claimedIdentities(context: ConsentContext, callback: URLSearchParams): Identified[] | null {
  const { definition, consent } = context
  const { from } = definition.identity
  if (from === 'callback') {
    return identitiesIn(context, [objectContext(callbackValues(callback))], 'the browser brought it')
  }
  if (from === 'ask')
    return identitiesIn(context, [objectContext(consent.wish.slots)], 'it was typed before the consent')
  return null
}

/**
 * The accounts that the provider names after the exchange: in the token endpoint's reply, in its ID token, or in an
 * API's answer to the new token.
 * @throws WhsError `no-account`, `bad-account`, `identity-refused` (exit 4), `bad-id-token`, `identity-failed`,
 * `unreachable` (exit 10)
 */
export async function providedIdentities(
  deps: ConsentDeps,
  context: ConsentContext,
  { reply, filling }: { reply: Buffer; filling: Filling },
): Promise<Identified[]> {
  const { from } = context.definition.identity
  if (from === 'id-token') {
    const claims = idTokenClaims(deps, context, reply)
    return identitiesIn(context, [claims], 'its ID token, which came from the token endpoint, names it')
  }
  if (typeof from === 'string') {
    const answer = answerContext(reply)
    return identitiesIn(context, answer ? [answer] : [], 'the token endpoint named it')
  }
  const answers = await identityAnswers(deps, context, from, filling)
  return identitiesIn(context, answers, `${callName(from)} named it to the new token`)
}

function objectContext(values: Record<string, string>): ItemContext {
  return answerContext(Buffer.from(JSON.stringify(values))) as ItemContext
}

/** The claims of the reply's ID token. Its signature goes unread (OpenID Connect Core 3.1.3.7), its audience does not. */
function idTokenClaims(deps: ConsentDeps, { definition, app }: ConsentContext, reply: Buffer): ItemContext {
  const answer = answerContext(reply)
  const token = (answer && readValue(answer, '$.id_token')?.text) ?? ''
  const parsed = parseJwt(token)
  const detail = parsed ? claimFault(parsed, { aud: [clientIdOf(deps, app)] }, deps.now())?.detail : 'none came'
  const payload = jwtPayload(token)
  const context = payload && answerContext(payload)
  if (detail === undefined && context) return context
  throw new WhsError({
    code: 'bad-id-token',
    exit: exits.api,
    what: `${definition.company} gave no ID token that is meant for ${app.name}`,
    why: clip(safeText(detail ?? 'it is no JSON'), 200),
    next: `whs connect ${app.name}`,
  })
}

async function identityAnswers(
  deps: ConsentDeps,
  { definition, app }: ConsentContext,
  call: Call,
  filling: Filling,
): Promise<ItemContext[]> {
  const answers: ItemContext[] = []
  for await (const { status, context, verdict } of callPages(deps, call, filling)) {
    if (verdict === 'good' && context) answers.push(context)
    else {
      const isRefused = verdict === 'refused'
      throw new WhsError({
        code: isRefused ? 'identity-refused' : 'identity-failed',
        exit: isRefused ? exits.consent : exits.api,
        what: `${definition.company} did not say for whom the consent is`,
        why: `${callName(call)} answered ${status}${context ? '' : ', and no JSON'} to the new token`,
        next: `${isRefused ? '' : 'wait a moment, then '}whs connect ${app.name}`,
      })
    }
  }
  return answers
}

/** Reads the accounts of every answer; what names the same main account is one. */
function identitiesIn({ definition, app }: ConsentContext, answers: ItemContext[], proof: string): Identified[] {
  const counted = itemsIn(answers, definition.identity)
  const found = new Map<string, Identified>()
  for (const item of counted) {
    const identity = identityOf(definition, app.name, item, proof)
    if (!identity) continue
    const [{ kind, value }] = identity.accounts
    const key = `${kind}:${value}`
    found.set(key, merged(found.get(key), identity))
  }
  if (found.size > 0) return [...found.values()]
  const { noun, word } = kindsOf(definition)[0] ?? { noun: 'account', word: 'account' }
  throw new WhsError({
    code: 'no-account',
    exit: exits.consent,
    what: `${definition.company} did not say which ${noun} was chosen`,
    why: counted.length === 0 ? `no ${noun} is part of this consent` : `no ${word} came (or one came twice)`,
    next: `whs connect ${app.name}`,
  })
}

/** The kinds that this definition's identity gives, the one that people mean first. */
function kindsOf({ accounts, identity }: ProviderDefinition): AccountKind[] {
  return accounts.filter(({ kind }) => Object.hasOwn(identity.accounts, kind))
}

function identityOf(definition: ProviderDefinition, app: string, item: ItemContext, proof: string): Identified | null {
  const { accounts: values, name: nameAt, learn = {} } = definition.identity
  const name = nameAt === undefined ? null : accountName(readValue(item, nameAt)?.text)
  const accounts = kindsOf(definition).flatMap(kind => {
    const raw = readValue(item, values[kind.kind] ?? { text: '' })?.text
    if (!raw) return []
    return [{ kind: kind.kind, value: checkedValue(definition, app, kind, raw), name, proof }]
  })
  const [first, ...others] = accounts
  return first ? { accounts: [first, ...others], name, slots: learnedSlots(item, learn, definition.company) } : null
}

/** What a provider calls an account, safe to show; null where it says nothing. */
export function accountName(text: string | undefined): string | null {
  return clip(safeText(text ?? ''), 120) || null
}

function checkedValue({ company }: ProviderDefinition, app: string, kind: AccountKind, raw: string): string {
  const value = normaliseAccount(kind.normalise, raw)
  if (value !== undefined && new RegExp(kind.pattern).test(value)) return value
  throw new WhsError({
    code: 'bad-account',
    exit: exits.consent,
    what: `a ${kind.word} came that cannot be one`,
    why: `"${clip(safeText(raw), 60)}" does not look like a ${kind.word} of ${company}`,
    next: `whs connect ${app}`,
  })
}

function merged(known: Identified | undefined, more: Identified): Identified {
  if (!known) return more
  const added = more.accounts.filter(
    ({ kind, value }) => !known.accounts.some(one => one.kind === kind && one.value === value),
  )
  return { ...known, accounts: [...known.accounts, ...added], slots: { ...more.slots, ...known.slots } }
}
