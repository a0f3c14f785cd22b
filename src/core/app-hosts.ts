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
 * simulator's come from the app alone. An origin may hold slots, each one DNS label (`https://{shop}.example.com`; on this
 * machine a piece of the path). Tokens and secrets go nowhere else, so every origin is https on the default port without a
 * user name, or on this machine.
 * @throws WhsError `no-environment`, `no-host`, `bad-host` (exit 2)
 */
export function appHosts(definition: ProviderDefinition, app: HostedApp): Hosts {
  const known = app.env === 'simulator' ? {} : definition.hosts[app.env]
  if (!known) {
    throw wrong('no-environment', `${definition.name} has no ${app.env} environment`, 'its definition knows none')
  }
  const hosts: Hosts = {}
  for (const role of rolesOf(definition)) {
    const origin = app.hosts[role] ?? known[role]
    if (!origin) {
      const why = `where the ${role} host of the ${app.env} is, is not known`
      throw wrong('no-host', `the app ${app.name} has no ${role} host`, why, role)
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
  if (fault) throw wrong('bad-host', `${text} cannot be the ${role} host of ${app.name}`, fault, role)
  const { text: plain, back } = withoutSlots(text)
  const url = new URL(plain)
  return back(isLoopback(url.hostname) ? url.origin + url.pathname.replace(/\/+$/, '') : url.origin)
}

const slot = /\{[A-Za-z][\w.-]*\}/g

/** The text with a stand-in for every slot, and how they are put back. */
function withoutSlots(text: string): { text: string; back(filled: string): string } {
  const slots = text.match(slot) ?? []
  let mark = 'slot-x'
  while (text.toLowerCase().includes(mark)) mark += 'x'
  let count = 0
  return {
    text: text.replace(slot, () => `${mark}${count++}`),
    back: filled => slots.reduce((result, name, index) => result.replace(`${mark}${index}`, name), filled),
  }
}

/** What is wrong with an origin (its slots included) that tokens would go to; undefined where nothing is. */
export function originFault(text: string): string | undefined {
  const { text: plain } = withoutSlots(text)
  if (/[{}]/.test(plain) || !URL.canParse(plain)) return 'it is no URL'
  const url = new URL(plain)
  if (url.username || url.password) return 'it holds a user name or password'
  if (url.search || url.hash) return 'it must end after the host or path'
  // One simulator plays all hosts of all providers, and tells them apart by path.
  if (isLoopback(url.hostname) && (url.protocol === 'http:' || url.protocol === 'https:')) return undefined
  if (url.pathname !== '/') return 'it must be an origin, with nothing behind the host'
  if (url.protocol !== 'https:') return 'tokens go over https only, except to this machine'
  if (url.port !== '') return 'tokens go to the default port only, except on this machine'
  return labelFault(text)
}

/** A slot is one whole label of the host, and at least two fixed ones follow, so that every value stays at one owner. */
function labelFault(text: string): string | undefined {
  const host = text.replace(/^[a-z]+:\/\//i, '').replace(/\/$/, '')
  const labels = host.split(/\.(?![^{}]*\})/)
  const fixed = labels.slice(-2)
  if (labels.some(label => /[{}]/.test(label) && !new RegExp(`^${slot.source}$`).test(label))) {
    return 'a slot must be a whole label of the host'
  }
  return fixed.some(label => label.includes('{')) ? 'two fixed labels must follow a slot' : undefined
}

function wrong(code: string, what: string, why: string, role?: string): WhsError {
  // The app may be one that is still to be made.
  const next = role ? `--host ${role}=<url>` : 'whs providers'
  return new WhsError({ code, exit: exits.usage, what, why, next })
}
