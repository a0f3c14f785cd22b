import { appHosts } from '../core/app-hosts.ts'
import type { Hosts, ProviderDefinition, SecretName } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import type { Slots } from '../core/fill-text.ts'
import { secretFlag } from '../core/secret-flag.ts'
import type { Call } from '../core/value-definition.ts'
import type { App } from '../store/app-ops.ts'
import type { CallingConnection } from '../store/connection-ops.ts'
import { type ConsentDeps, mustFindApp } from './consent.ts'
import { secretsNamed } from './credentials.ts'
import { accessSlots, accountSlots, appSlots } from './slots.ts'

/** What calls with stored tokens need of the world; `consentDeps` of the app gives it. */
export type CallDeps = Pick<
  ConsentDeps,
  'store' | 'http' | 'definitionOf' | 'secretsOf' | 'clientIdOf' | 'settingsOf' | 'now' | 'randomBytes'
>

/** Where calls are made as a connection: its app, hosts, and what both fill in. */
export interface CallPlace {
  app: App
  definition: ProviderDefinition
  hosts: Hosts
  connection: CallingConnection
  slots: Slots
}

/**
 * @throws WhsError `no-connection` (exit 5) where there is none or it has ended, `no-app` (exit 3), those of `appHosts`
 */
export async function callPlaceOf(deps: CallDeps, id: string): Promise<CallPlace> {
  const connection = await deps.store.read('findConnection', { id })
  if (!connection || connection.state === 'revoked') throw noConnection(id, connection?.tenant)
  const app = await mustFindApp(deps, connection.app)
  const definition = deps.definitionOf(app.provider)
  const slots = { ...connectionSlots(definition, connection), ...appSlots(deps, app) }
  return { app, definition, hosts: appHosts(definition, app), connection, slots }
}

/** What a connection fills in: what was asked and learned, its accounts, its tokens. */
export function connectionSlots(definition: ProviderDefinition, connection: CallingConnection): Slots {
  const { slots, accounts } = connection
  return { ...slots, ...accountSlots(definition, accounts), ...tokenSlots(connection) }
}

/** Tokens as slots; a JWT gives its claims too. */
export function tokenSlots({ access, refresh }: { access: string | null; refresh: string | null }): Slots {
  return {
    ...(access === null ? {} : { token: access, ...accessSlots(access) }),
    ...(refresh === null ? {} : { refreshToken: refresh }),
  }
}

/** The app's secrets that a call names. @throws WhsError `no-<name>-secret` (exit 3) */
export async function secretSlotsOf(
  deps: Pick<CallDeps, 'secretsOf'>,
  place: Pick<CallPlace, 'app' | 'definition'>,
  call: Call,
): Promise<Slots> {
  const slots: Slots = {}
  for (const name of new Set(secretsNamed(call))) Object.assign(slots, await secretSlot(deps, place, name))
  return slots
}

/** The newest secret of that name, as `secret.<name>`. @throws WhsError `no-<name>-secret` (exit 3) */
export async function secretSlot(
  deps: Pick<CallDeps, 'secretsOf'>,
  { app, definition }: Pick<CallPlace, 'app' | 'definition'>,
  name: SecretName,
): Promise<Slots> {
  const [newest] = await deps.secretsOf(app, name)
  if (newest) return { [`secret.${name}`]: newest.value }
  throw noSecret(app.name, name, definition.secrets[name]?.label ?? `${name} secret`)
}

function noSecret(app: string, name: string, label: string): WhsError {
  return new WhsError({
    code: `no-${name}-secret`,
    exit: exits.missing,
    what: `the ${label} of ${app} is not stored`,
    why: 'the call is made with it',
    next: `whs app set ${app} ${secretFlag(name)}`,
  })
}

function noConnection(id: string, tenant: string | undefined): WhsError {
  return new WhsError({
    code: 'no-connection',
    exit: exits.unknown,
    what: tenant === undefined ? `there is no connection ${id}` : `the connection ${id} of ${tenant} has ended`,
    why: 'calls are made with the token of a connection',
    next: tenant === undefined ? 'whs tenants' : `whs tenants show ${tenant}`,
  })
}
