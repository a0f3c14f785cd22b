import { shellWord } from '../core/shell-word.ts'
import type { ConsentWish } from '../store/consent-ops.ts'

/** The command that tries a consent once more. */
export function againCommand({ app, wish }: { app: string; wish: Omit<ConsentWish, 'asks'> }): string {
  const { tenants, accounts, each, slots } = wish
  return [
    `whs connect ${app}`,
    ...tenants.map(({ tenant, account }) => `--tenant ${account === null ? tenant : quoted(`${tenant}=${account}`)}`),
    ...accounts.map(account => `--account ${quoted(account)}`),
    ...(each ? ['--each'] : []),
    ...Object.entries(slots).map(([name, value]) => `--set ${name}=${value}`),
  ].join(' ')
}

/** As an unquoted shell takes it whole; a place to fill in (`<realmId>`) stays as it is. */
function quoted(text: string): string {
  return /<.*>/.test(text) ? text : shellWord(text)
}
