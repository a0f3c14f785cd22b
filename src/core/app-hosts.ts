import type { Environment, Hosts, ProviderDefinition } from './definition.ts'
import { exits, WhsError } from './errors.ts'
import { isLoopback } from './rule.ts'

/** What of an app decides which hosts it talks to. */
export interface HostedApp {
  name: string
  env: Environment
  /** Host roles that this app has elsewhere than its definition says. */
  hosts: Hosts
}

/**
 * The hosts of an app, role → origin: those of the definition's environment, with the app's own over them. The
 * simulator's come from the app alone. Tokens and secrets go nowhere else, so every origin is https on the default
 * port without a user name, or on this machine.
 * @throws WhsError `no-environment`, `no-host`, `bad-host` (exit 2)
 */
export function appHosts(definition: ProviderDefinition, app: HostedApp): Hosts {
  const known = app.env === 'simulator' ? {} : definition.hosts[app.env]
  if (!known) {
    throw wrong(app, 'no-environment', `${definition.name} has no ${app.env} environment`, 'its definition knows none')
  }
  const hosts: Hosts = {}
  for (const role of rolesOf(definition)) {
    const origin = app.hosts[role] ?? known[role]
    if (!origin) {
      const why = `where the ${role} host of the ${app.env} is, is not known`
      throw wrong(app, 'no-host', `the app ${app.name} has no ${role} host`, why, role)
    }
    hosts[role] = checkedOrigin(app, role, origin)
  }
  return hosts
}

function rolesOf(definition: ProviderDefinition): string[] {
  return [...new Set(Object.values(definition.hosts).flatMap(hosts => Object.keys(hosts)))]
}

function checkedOrigin(app: HostedApp, role: string, text: string): string {
  const fault = originFault(text)
  if (fault) throw wrong(app, 'bad-host', `${text} cannot be the ${role} host of ${app.name}`, fault, role)
  const url = new URL(text)
  return isLoopback(url.hostname) ? url.origin + url.pathname.replace(/\/+$/, '') : url.origin
}

function originFault(text: string): string | undefined {
  if (!URL.canParse(text)) return 'it is no URL'
  const url = new URL(text)
  if (url.username || url.password) return 'it holds a user name or password'
  if (url.search || url.hash) return 'it must end after the host or path'
  // One simulator plays all hosts of all providers, and tells them apart by path.
  if (isLoopback(url.hostname) && (url.protocol === 'http:' || url.protocol === 'https:')) return undefined
  if (url.pathname !== '/') return 'it must be an origin, with nothing behind the host'
  if (url.protocol !== 'https:') return 'tokens go over https only, except to this machine'
  return url.port === '' ? undefined : 'tokens go to the default port only, except on this machine'
}

function wrong(app: HostedApp, code: string, what: string, why: string, role?: string): WhsError {
  const next = role ? `whs app set ${app.name} --host ${role}=<url>` : `whs app show ${app.name}`
  return new WhsError({ code, exit: exits.usage, what, why, next })
}
