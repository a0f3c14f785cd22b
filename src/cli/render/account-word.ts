import { providerOf } from '../../providers/index.ts'

/** The provider's own word for a kind of account (`realmId`), else `account`. */
export function accountWord(provider: string, kind: string | null): string {
  const accounts = providerOf(provider)?.accounts
  return (accounts?.find(account => account.kind === kind) ?? accounts?.[0])?.word ?? 'account'
}
