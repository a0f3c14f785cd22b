import { exits, WhsError } from './errors.ts'
import { globMatches } from './glob.ts'

const ruleConditions = ['tenant', 'app', 'provider', 'account', 'event', 'scope'] as const
export type RuleCondition = (typeof ruleConditions)[number]

/** Where events go: conditions and a target. Conditions of one name mean either, different names mean both. */
export interface Rule {
  /** As it was written. */
  text: string
  conditions: Partial<Record<RuleCondition, string[]>>
  /** A URL; `{provider}`, `{app}` and `{tenant}` in it are filled in per event. */
  target: string
  /** Later rules see the event too. */
  copy: boolean
}

/** What rules and filters look at. */
export interface EventFacts {
  tenant: string | null
  app: string
  provider: string
  env: string
  account: string | null
  scope: 'tenant' | 'parked' | 'app'
  event: string | null
  providerEvent: string | null
  resource: string | null
  /** It tells of a consent, and no provider sent it. */
  life?: boolean
}

const usage = 'whs listen --forward tenant=acme,event=invoice.*,to=3001'

function wrong(text: string, why: string): WhsError {
  return new WhsError({ code: 'bad-rule', exit: exits.usage, what: `"${text}" is no forward rule`, why, next: usage })
}

/**
 * Reads a forward rule: a target alone (`3000`, `localhost:3000/hooks`, `https://…`), or conditions and a target
 * (`tenant=acme,event=invoice.*,to=3001`, `copy` where later rules should see the event too).
 * @throws WhsError `bad-rule`, and `remote-target` for anything but loopback without `allowRemote`.
 */
export function parseRule(text: string, allowRemote = false): Rule {
  const conditions: Rule['conditions'] = {}
  let target: string | undefined
  let copy = false
  const pieces = text.split(',').map(piece => piece.trim())
  if (pieces.length === 1 && !/^[a-z]+=/.test(text.trim())) target = text.trim()
  else {
    for (const piece of pieces) {
      const equals = piece.indexOf('=')
      const name = equals < 0 ? piece : piece.slice(0, equals)
      const value = equals < 0 ? '' : piece.slice(equals + 1)
      if (name === 'copy' && equals < 0) copy = true
      else if (name === 'to' && target !== undefined) throw wrong(text, 'it has two targets')
      else if (name === 'to') target = value
      else if (!isCondition(name))
        throw wrong(text, `"${name}" is no condition; known: ${ruleConditions.join(', ')}, to, copy`)
      else if (!value) throw wrong(text, `${name} has no value`)
      else conditions[name] = [...(conditions[name] ?? []), value]
    }
  }
  if (!target) throw wrong(text, 'it has no target: say to=3000')
  return { text, conditions, target: parseTarget(target, allowRemote), copy }
}

function isCondition(name: string): name is RuleCondition {
  return (ruleConditions as readonly string[]).includes(name)
}

/**
 * Reads a target as a person types it: `3000`, `:3000`, `localhost:3000/path`, a URL. Slots stay as they are.
 * @throws WhsError `bad-rule` or `remote-target`.
 */
export function parseTarget(text: string, allowRemote = false): string {
  const typed = /^:?\d{1,5}(?=[/?]|$)/.test(text) ? `localhost:${text.replace(/^:/, '')}` : text
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `http://${typed}`
  const unknown = [...full.matchAll(/\{([^{}]*)\}/g)].find(slot => !/^(provider|app|tenant)$/.test(slot[1] as string))
  if (unknown) throw wrong(text, `${unknown[0]} is no slot; known: {provider}, {app}, {tenant}`)
  let mark = 'slot-'
  while (full.toLowerCase().includes(mark)) mark = `x${mark}`
  let url: URL
  try {
    url = new URL(full.replace(/\{(provider|app|tenant)\}/g, `${mark}$1`))
  } catch {
    throw wrong(text, 'that is no port, host or URL')
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw wrong(text, 'only http and https can be forwarded to')
  if (url.port === '0') throw wrong(text, 'nothing can listen on port 0')
  if (url.host.includes(mark)) throw wrong(text, 'a slot can stand in the path, not in the host')
  if (url.username || url.password) throw wrong(text, 'a target must not hold a user name or password')
  if (url.hash) throw wrong(text, 'a target has no #fragment')
  if (!allowRemote && !isLoopback(url.hostname)) {
    throw new WhsError({
      code: 'remote-target',
      exit: exits.usage,
      what: `${url.host} is not on this machine`,
      why: 'webhooks of your tenants would leave it, so this must be said on the command line itself',
      next: 'the same with --allow-remote',
    })
  }
  const filled = `${url.protocol}//${url.host}${url.pathname}${url.search}`
  return filled.replace(new RegExp(`${mark}(provider|app|tenant)`, 'g'), '{$1}')
}

/** Whether a host name can only be this machine (RFC 6761 for `localhost`). */
export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/**
 * Whether the rule takes the event. Without a condition on `scope`, only a tenant's events are taken; without one on
 * `event`, none that tells of a consent, since a handler for a provider's requests knows no such thing.
 */
export function ruleTakes(rule: Rule, facts: EventFacts): boolean {
  return misfitOf(rule, facts) === null
}

/** The first condition of a rule that an event does not fit; null where the rule takes it. */
export function misfitOf({ conditions }: Rule, facts: EventFacts): RuleCondition | null {
  const scopes = conditions.scope ?? ['tenant']
  if (!scopes.some(scope => globMatches(scope, facts.scope))) return 'scope'
  if (facts.life === true && conditions.event === undefined) return 'event'
  const fits = (name: RuleCondition): boolean =>
    name === 'scope' || (conditions[name]?.some(pattern => factMatches(name, pattern, facts)) ?? true)
  return ruleConditions.find(name => !fits(name)) ?? null
}

/**
 * Whether one pattern fits a fact; an event fits by its normalised or by the provider's own type. Tenants and accounts
 * that differ in capitals are two, so a pattern for one must not fit the other.
 */
export function factMatches(name: Exclude<keyof EventFacts, 'life'>, pattern: string, facts: EventFacts): boolean {
  const fact = facts[name]
  if (fact !== null && globMatches(pattern, fact, name === 'tenant' || name === 'account')) return true
  return name === 'event' && facts.providerEvent !== null && globMatches(pattern, facts.providerEvent)
}

/** Where an event goes, and the rule that says so. */
export interface Route {
  target: string
  rule: Rule
}

/** The ways of an event, in the order of the rules: by the first that takes it, and after one with `copy` by later ones too. */
export function routesOf(rules: Rule[], facts: EventFacts): Route[] {
  const routes: Route[] = []
  for (const rule of rules) {
    if (!ruleTakes(rule, facts)) continue
    const target = fillTarget(rule.target, facts)
    if (!routes.some(route => route.target === target)) routes.push({ target, rule })
    if (!rule.copy) break
  }
  return routes
}

function fillTarget(target: string, facts: EventFacts): string {
  return target.replace(/\{(provider|app|tenant)\}/g, (_, name: 'provider' | 'app' | 'tenant') =>
    encodeURIComponent(facts[name] ?? ''),
  )
}
