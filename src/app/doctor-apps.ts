import { mendCommand } from '../connect/broken.ts'
import { healthOf } from '../connect/connection-health.ts'
import { appHosts } from '../core/app-hosts.ts'
import { isKeyOnly } from '../core/credentials-definition.ts'
import { WhsError } from '../core/errors.ts'
import { signingSecrets } from '../core/scheme-text.ts'
import { secretFlag } from '../core/secret-flag.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { App } from './app.ts'
import { appFacts } from './app-facts.ts'
import { type Check, fault, ok, warning } from './check.ts'
import { portalCheck } from './doctor-portal.ts'
import { simulatorsNow } from './status.ts'

/** Each app: keys, hosts, what the portal was told; then the simulators. */
export async function* appChecks(app: App): AsyncGenerator<Check> {
  const apps = await app.store().read('listApps')
  if (apps.length === 0) yield warning('apps', 'no app is set up yet', 'whs providers, then whs setup <provider>')
  for (const stored of apps) yield await appCheck(app, stored)
  for (const { base, apps: names, state } of await simulatorsNow(app)) {
    if (state === 'runs') yield ok('simulator', `runs at ${base}`)
    else if (state === 'gone')
      yield warning('simulator', `${names.join(', ')} is registered at ${base}, where none runs`, 'whs simulate')
    else yield warning('simulator', `${base} runs, but has forgotten ${names.join(', ')}`, 'whs listen')
  }
}

async function appCheck(app: App, stored: StoredApp): Promise<Check> {
  const name = `app ${stored.name}`
  try {
    app.definitionOf(stored.provider)
  } catch {
    return fault(name, `whs knows no provider ${stored.provider} any more`, `whs app remove ${stored.name}`)
  }
  const { definition, clientId, secrets, settings } = await appFacts(app, stored, { listener: null, port: 0 })
  try {
    appHosts(definition, stored)
  } catch (error) {
    if (!(error instanceof WhsError)) throw error
    return fault(name, `${error.message}: ${error.why}`, error.next ?? `whs app show ${stored.name}`)
  }
  if (clientId === null && !isKeyOnly(definition))
    return fault(name, `it has no ${definition.portal.clientId.label}`, `whs app set ${stored.name} --client-id <id>`)
  const unset = Object.keys(definition.settings ?? {}).find(
    name => settings[name] === undefined && !definition.settings?.[name]?.optional,
  )
  if (unset !== undefined) {
    const detail = `it has no ${definition.settings?.[unset]?.label ?? unset}`
    return fault(name, detail, `whs app set ${stored.name} --set ${unset}=<value>`)
  }
  const lacking = secrets.find(({ keys, isOptional }) => keys.length === 0 && !isOptional)
  if (lacking) {
    const fix = `whs app set ${stored.name} ${secretFlag(lacking.name)}`
    const proves = signingSecrets(definition, 'app').includes(lacking.name)
    const needed = proves ? '; deliveries that need it are answered 503 until it is set' : ''
    const detail = `it has no ${lacking.label}${needed}`
    return needed ? warning(name, detail, fix) : fault(name, detail, fix)
  }
  return portalCheck(app, stored, name)
}

/** Each consent that is not well, or one line for all. */
export async function* connectionChecks(app: App): AsyncGenerator<Check> {
  let good = 0
  for (const { name, connections } of await app.store().read('listTenants')) {
    for (const connection of connections) {
      if (connection.state === 'revoked') continue
      const { state, why } = healthOf(connection, app.now())
      const trouble = state === 'active' ? null : why ? `${state}, ${why}` : state
      if (trouble === null) good++
      else
        yield warning(
          `connection ${name}`,
          `at ${connection.app}: ${trouble}`,
          mendCommand({ app: connection.app, tenant: name, byKey: connection.byKey }),
        )
    }
  }
  if (good > 0) yield ok('connections', `${good} well`)
}
