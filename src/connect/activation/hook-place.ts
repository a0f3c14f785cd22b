import type { ActivationApi, ActivationScope } from '../../core/activation-definition.ts'
import { appHosts } from '../../core/app-hosts.ts'
import type { Hosts, ProviderDefinition } from '../../core/definition.ts'
import { exits, WhsError } from '../../core/errors.ts'
import type { Slots } from '../../core/fill-text.ts'
import type { App } from '../../store/app-ops.ts'
import type { CallingConnection } from '../../store/connection-ops.ts'
import { connectionSlots } from '../call-place.ts'
import { mustFindApp } from '../consent.ts'
import { appSlots } from '../slots.ts'
import type { ActivationDeps } from './activation-deps.ts'

/** Where hooks are made: an app, and the connection whose token makes them. */
export interface HookPlace {
  app: App
  definition: ProviderDefinition
  api: ActivationApi
  per: ActivationScope
  connection: CallingConnection | null
  hosts: Hosts
  /** What the app and the connection give. */
  slots: Slots
}

/**
 * @throws WhsError `no-app` (exit 3), `no-activation-api` (exit 2), `no-connection` (exit 5), those of `appHosts`
 */
export async function hookPlaceOf(
  deps: ActivationDeps,
  wish: { app: string; connection: string | null },
): Promise<HookPlace> {
  const app = await mustFindApp(deps, wish.app)
  const definition = deps.definitionOf(app.provider)
  const { api } = definition.activation
  if (!api) throw noApi(definition, app.name)
  const per = api.per ?? definition.activation.per
  const connection = wish.connection === null ? null : await deps.store.read('findConnection', { id: wish.connection })
  const isFitting = connection !== null && connection.app === app.name && connection.state !== 'revoked'
  if (wish.connection === null ? per !== 'app' : !isFitting) throw noConnection(app.name, wish.connection)
  const hosts = appHosts(definition, app)
  const given = connection ? connectionSlots(definition, connection) : {}
  const own = appSlots(deps, app)
  return { app, definition, api, per, connection, hosts, slots: { ...given, ...own } }
}

/** Whose the hooks are; null: the whole app's. */
export function tenantOf({ per, connection }: HookPlace): string | null {
  return per === 'app' ? null : (connection?.tenant ?? null)
}

function noApi({ name, activation }: ProviderDefinition, app: string): WhsError {
  return new WhsError({
    code: 'no-activation-api',
    exit: exits.usage,
    what: `no call makes hooks of ${app}`,
    why: `${name} has them made by hand`,
    next: activation.per === 'app' ? `whs setup ${app}` : `whs activations add ${app} --tenant <tenant>`,
  })
}

function noConnection(app: string, id: string | null): WhsError {
  return new WhsError({
    code: 'no-connection',
    exit: exits.unknown,
    what: id === null ? `whose hook at ${app} is meant was not said` : `there is no connection ${id} at ${app}`,
    why: 'a hook is made with the token of a connection',
    next: `whs connect ${app}`,
  })
}
