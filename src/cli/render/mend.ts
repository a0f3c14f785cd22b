import { mendCommand } from '../../connect/broken.ts'
import type { ConnectionState } from '../../store/connection-state.ts'

/** The command that mends a connection; null where nothing is to be mended. */
export function mendOf(
  state: ConnectionState,
  { app, tenant, byKey }: { app: string; tenant: string; byKey: boolean },
): string | null {
  return state === 'active' ? null : mendCommand({ app, tenant, byKey })
}
