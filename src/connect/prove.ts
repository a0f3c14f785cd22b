import { normaliseAccount } from '../core/account.ts'
import type { AccountKind, ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { scalarAt } from '../core/json-scan.ts'
import { splitItems } from '../core/split.ts'
import { type ItemContext, readValue } from '../core/value.ts'
import type { Path } from '../core/value-definition.ts'
import { callName, callPages } from './api-call.ts'
import type { ConsentContext, ConsentDeps } from './consent.ts'
import { accountName, type Identified } from './identify.ts'
import { accountSlots, type Filling } from './slots.ts'

/**
 * Proves an account by the call that the definition names: with the consenting person's new token (whoever changes the
 * callback in the browser cannot read somebody else's account), or with the app's own credentials (which only says that
 * the account consented at some time). Without such a call the account stays as it is. The call answers for the account that
 * people mean alone: whatever else an unsigned callback names is left out.
 * @throws WhsError `proof-refused` (exit 4), `unreachable`, `proof-failed` (exit 10)
 */
export async function proveIdentity(
  deps: ConsentDeps,
  { definition, app }: ConsentContext,
  identity: Identified,
  { hosts, slots }: Filling,
): Promise<Identified> {
  const { prove, from } = definition.identity
  if (!prove) return identity
  const [{ kind, value }] = identity.accounts
  const { word, normalise } = kindOf(definition, kind)
  const prover = prove.by === 'app' ? "the app's own credentials" : 'the new token'
  const filled = { ...slots, ...identity.slots, ...accountSlots(definition, identity.accounts) }
  const next = `whs connect ${app.name}`
  let refusal = 'the API named no account'
  for await (const { status, context, verdict } of callPages(deps, prove.call, { hosts, slots: filled })) {
    if (verdict === 'busy') {
      throw new WhsError({
        code: 'proof-failed',
        exit: exits.api,
        what: `${definition.company} could not say whether ${word} ${value} belongs to this consent`,
        why: `its API answered ${status}; a ${word} is believed only after a call with ${prover}`,
        next: `wait a moment, then ${next}`,
      })
    }
    if (verdict === 'refused') refusal = `${definition.company}'s API answered ${status}`
    else {
      const place = placeOf(context, prove.equals, text => normaliseAccount(normalise, text) === value)
      if (place === null) {
        refusal = 'the API named another account'
        continue
      }
      const name = identity.name ?? accountName(place && prove.name ? readValue(place, prove.name)?.text : undefined)
      const proof = `${callName(prove.call).replaceAll('{account}', value)} answered ${status} to ${prover}`
      const [first, ...more] = identity.accounts
      const others = from === 'callback' && !definition.oauth.callbackSignature ? [] : more
      const proved = { name, proof }
      return {
        ...identity,
        name,
        accounts: [{ ...first, ...proved }, ...others.map(account => ({ ...account, ...proved }))],
      }
    }
  }
  const how = from === 'ask' ? 'was typed' : 'came through the browser'
  throw new WhsError({
    code: 'proof-refused',
    exit: exits.consent,
    what: `${word} ${value} ${how}, and ${prover} cannot read it`,
    why: refusal,
    next,
  })
}

function kindOf({ accounts }: ProviderDefinition, kind: string): AccountKind {
  return accounts.find(one => one.kind === kind) as AccountKind
}

/** Where the answer repeats the account: the element of a list, or the whole. Null where it names others. */
function placeOf(
  context: ItemContext | undefined,
  path: Path | undefined,
  isSame: (text: string) => boolean,
): ItemContext | undefined | null {
  if (path === undefined) return context
  const found = context ? (splitItems(context.doc, [path]) ?? []) : []
  for (const item of found) {
    if (context && item.whole && isSame(scalarAt(context.doc, item.node) ?? '')) return { ...context, item }
  }
  return null
}
