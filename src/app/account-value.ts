import { type Account, normaliseAccount } from '../core/account.ts'
import type { ProviderDefinition } from '../core/definition.ts'
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
  const raw = (named ? rest.join(':') : text).trim()
  if (account && new RegExp(account.pattern).test(raw)) {
    const value = normaliseAccount(account.normalise, raw)
    if (value !== undefined) return { kind: account.kind, value }
  }
  const kinds = definition.accounts.map(({ kind, word }) => `${kind}:<${word}>`)
  throw new WhsError({
    code: 'bad-account',
    exit: exits.usage,
    what: `"${safeText(text)}" is no account at ${definition.name}`,
    why: `its ${account?.word ?? 'account'} looks like ${account?.pattern ?? 'nothing'}`,
    next: `--account ${kinds.join(' or --account ')}`,
  })
}
