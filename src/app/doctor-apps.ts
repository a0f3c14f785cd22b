import { appHosts } from '../core/app-hosts.ts'
import { WhsError } from '../core/errors.ts'
import { signingSecrets } from '../core/scheme-text.ts'
import { secretFlag } from '../core/secret-flag.ts'
import { durationText } from '../core/text.ts'
import type { App as StoredApp } from '../store/app-ops.ts'
import type { TenantConnection } from '../store/tenant-ops.ts'
import { callbackNow } from './activations.ts'
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
  if (clientId === null)
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

const soon = 14 * 86_400_000

/** Each consent that is not well, or one line for all. */
export async function* connectionChecks(app: App): AsyncGenerator<Check> {
  let good = 0
  for (const { name, connections } of await app.store().read('listTenants')) {
    for (const connection of connections) {
      if (connection.state === 'revoked') continue
      const trouble = troubleOf(connection, app.now())
      if (trouble === null) good++
      else
        yield warning(
          `connection ${name}`,
          `at ${connection.app}: ${trouble}`,
          `whs connect ${connection.app} --tenant ${name}`,
        )
    }
  }
  if (good > 0) yield ok('connections', `${good} well`)
}

function troubleOf({ state, why, refreshExpiresAt, accessExpiresAt }: TenantConnection, now: number): string | null {
  if (state !== 'active') return why ? `${state}, ${why}` : state
  const ends = refreshExpiresAt ?? accessExpiresAt
  if (ends === null || ends - now > soon) return null
  // Without a known end of the refresh token an access token that has ended is no trouble: it is renewed when needed.
  if (refreshExpiresAt === null) return null
  return ends <= now ? `it ended ${durationText(now - ends)} ago` : `it ends in ${durationText(ends - now)}`
}

const endsSoon = 86_400_000

/** Each hook that waits, points elsewhere or ends soon, or one line for all. */
export async function* activationChecks(app: App): AsyncGenerator<Check> {
  let good = 0
  const apps = new Map((await app.store().read('listApps')).map(stored => [stored.name, stored]))
  for (const hook of await app.store().read('listActivations', {})) {
    const { id, app: name, tenant, state, url, expiresAt } = hook
    const stored = apps.get(name)
    if (!stored || state === 'gone') continue
    const whose = `activation ${tenant ?? name}`
    const now = await callbackNow(app, stored).catch(() => null)
    const owner = tenant === null ? '' : ` --tenant ${tenant}`
    const isByApi = hook.madeBy === 'api'
    const anew = `whs activate ${name}${owner}`
    const again = isByApi ? anew : `whs activations remove ${id}   (then whs activations add ${name}${owner})`
    if (hook.why !== null) yield warning(whose, `at ${name}: ${hook.why}`, again)
    else if (state === 'pending')
      yield warning(whose, `at ${name}: it waits for the provider or its secret`, isByApi ? anew : 'whs activations')
    else if (url !== null && now !== null && url !== now)
      yield warning(
        whose,
        `at ${name}: it points at ${url}, the listener is at ${now}`,
        isByApi ? anew : 'whs activations',
      )
    else if (expiresAt !== null && expiresAt - app.now() < endsSoon) {
      const left = expiresAt - app.now()
      yield warning(whose, `at ${name}: ${left > 0 ? `it ends in ${durationText(left)}` : 'it has ended'}`, again)
    } else good++
  }
  if (good > 0) yield ok('activations', `${good} well`)
}
