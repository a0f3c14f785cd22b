import { exits, WhsError } from '../core/errors.ts'
import { shellWord } from '../core/shell-word.ts'
import type { CallingConnection } from '../store/connection-ops.ts'

/** Nothing can be called as this connection until the tenant consents again. */
export function brokenError({
  app,
  tenant,
  why,
  byKey,
}: Pick<CallingConnection, 'app' | 'tenant' | 'why' | 'byKey'>): WhsError {
  return new WhsError({
    code: 'connection-broken',
    exit: exits.consent,
    what: `the connection of ${tenant} at ${app} is broken`,
    why: why ?? 'its token is not good any more',
    next: mendCommand({ app, tenant, byKey }),
  })
}

/** What mends a connection, as it is typed in a shell: the tenant consents again, or gives another key. */
export function mendCommand({ app, tenant, byKey = false }: { app: string; tenant: string; byKey?: boolean }): string {
  return byKey ? keyCommand({ app, tenant }) : `whs connect ${app} --tenant ${shellWord(tenant)}`
}

/** The command that takes a key. */
export function keyCommand({ app, tenant }: { app: string; tenant: string | null }): string {
  return `whs connect ${app}${tenant === null ? '' : ` --tenant ${shellWord(tenant)}`} --key -`
}
