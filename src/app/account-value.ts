import { type Account, normaliseAccount } from '../core/account.ts'
import type { AccountKind, ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { safeText } from '../core/text.ts'

/**
 * An account as a person types it, `[kind:]value`, in the one spelling under which it is stored. Without a kind it is the
 * definition's first.
 * @throws WhsError `bad-account` (exit 2)
 */
export function accountValue(definition: ProviderDefinition, text: string): Account {
  const [typedKind, ...rest] = text.split(':')
  const named = rest.length > 0 ? definition.accounts.find(({ kind }) => kind === typedKind) : undefined
  const account = named ?? definition.accounts[0]
  const raw = named ? rest.join(':') : text
  const value = account && spelledAs(account, raw)
  if (account && value !== undefined) return { kind: account.kind, value }
  const kinds = definition.accounts.map(({ kind, word }) => `${kind}:<${word}>`)
  throw new WhsError({
    code: 'bad-account',
    exit: exits.usage,
    what: `"${safeText(text)}" is no account at ${definition.name}`,
    why: `its ${account?.word ?? 'account'} is ${account?.shape ?? 'nothing'}`,
    next: `--account ${kinds.join(' or --account ')}`,
  })
}

/** A value of a kind in the one spelling under which it is stored; undefined where it cannot be one. */
export function spelledAs({ pattern, normalise }: AccountKind, typed: string): string | undefined {
  const raw = typed.trim()
  return new RegExp(pattern).test(raw) ? normaliseAccount(normalise, raw) : undefined
}
