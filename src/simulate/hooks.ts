import { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { freshId } from '../core/sample-values.ts'
import { signingSecrets } from '../core/scheme-text.ts'
import { type Apps, isHttp, makeSecret } from './apps.ts'
import { type Company, findCompany } from './companies.ts'

/** A subscription of one company (or of one thing of it), with a URL and a secret of its own; made by hand or by the API. */
export interface Hook {
  id: string
  clientId: string
  /** Null: of all companies of the app. */
  company: Company | null
  /** Null: the app's callback URL. */
  url: string | null
  secret: string | null
  /** What it is about, such as a form's id. */
  resource: string | null
  /** When the provider forgets it; null: never. */
  expiresAt: number | null
  /** What was told when it was made, and must come back in later calls. */
  kept: Record<string, string>
}

export interface Hooks {
  /** Those that have not expired. */
  list(): Hook[]
  /** Makes one by hand, or changes the one that has the id. */
  put(wish: unknown): Hook
  /** Keeps one that is ready. */
  keep(hook: Hook): void
  remove(id: string): boolean
  /** Ends this very one; false where it stands no more. */
  end(hook: Hook): boolean
  /** An id for a new one: what the company's samples carry (where it is free, or hooks share it), else one of a form. */
  newId(company: Company | null, form?: string): string
  /** As if so much time had gone by for all that stand. */
  age(ms: number): void
}

export interface HooksOptions {
  definition: ProviderDefinition
  companies: Company[]
  apps: Apps
  now(): number
  randomBytes(length: number): Uint8Array
}

const fields = ['clientId', 'account', 'company', 'url', 'secret', 'id', 'key', 'resource', 'expiresAt']

/** The hooks of one provider, in memory. */
export function openHooks({ definition, companies, apps, now, randomBytes }: HooksOptions): Hooks {
  const hooks = new Set<Hook>()

  function live(): Hook[] {
    for (const hook of hooks) if (hook.expiresAt !== null && hook.expiresAt <= now()) hooks.delete(hook)
    return [...hooks]
  }

  function find(id: string | undefined): Hook | undefined {
    return id === undefined ? undefined : live().find(hook => hook.id === id)
  }

  function newId(company: Company | null, form?: string): string {
    const { kind = '', api } = definition.activation
    const usual = company?.values[kind]
    const isShared = api?.list?.keep !== undefined
    if (usual !== undefined && (isShared || !find(usual))) return usual
    const random = randomBytes(16)
    const like = form ?? usual
    return like === undefined ? Buffer.from(random).toString('hex') : freshId(like, random, hooks.size)
  }

  /** One that the app chooses may be left out where it is optional. */
  function secretFor(company: Company | null): string | null {
    const [name] = signingSecrets(definition, 'activation')
    if (name === undefined) return null
    if (definition.activation.secret !== 'given' && definition.secrets[name]?.optional) return null
    return makeSecret(definition, name, company?.name ?? '', randomBytes)
  }

  return {
    list: live,
    put(wish) {
      const given = readWish(wish)
      const old = find(given.id)
      const company = companyOf(companies, given.account ?? given.company) ?? old?.company
      if (company === undefined) throw refused(`account must be one of ${companies.map(({ name }) => name).join(', ')}`)
      const url = given.url === undefined ? (old?.url ?? null) : withKey(given.url, given.key)
      if (url !== null && !isHttp(url)) throw refused('url must be an http or https URL')
      const app = apps.get(given.clientId ?? old?.clientId ?? usualApp(apps))
      if (!app) throw refused(`no app has the client id ${given.clientId}`)
      const hook = {
        id: given.id ?? newId(company),
        clientId: app.clientId,
        company,
        url,
        secret: given.secret ?? old?.secret ?? secretFor(company),
        resource: given.resource ?? old?.resource ?? null,
        expiresAt: given.expiresAt === undefined ? (old?.expiresAt ?? null) : timeOf(given.expiresAt),
        kept: old?.kept ?? {},
      }
      if (old) return Object.assign(old, hook)
      hooks.add(hook)
      return hook
    },
    keep: hook => void hooks.add(hook),
    remove: id => live().filter(hook => hook.id === id && hooks.delete(hook)).length > 0,
    end: hook => hooks.delete(hook),
    newId,
    age(ms) {
      for (const hook of hooks) if (hook.expiresAt !== null) hook.expiresAt -= ms
    },
  }
}

function timeOf(text: string): number {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw refused('expiresAt must be an ISO time')
  return time
}

/** The newest app that somebody has set up. */
function usualApp(apps: Apps): string {
  return apps.list().findLast(app => app.redirectUris.length > 0 || app.callbackUrl !== null)?.clientId ?? 'default'
}

function withKey(url: string, key: string | undefined): string {
  return key === undefined || url.endsWith(`/${key}`) ? url : `${url.replace(/\/$/, '')}/${key}`
}

function companyOf(companies: Company[], text: string | undefined): Company | undefined {
  return text === undefined ? undefined : findCompany(companies, text)
}

type HookWish = Partial<Record<(typeof fields)[number], string>>

function readWish(wish: unknown): HookWish {
  if (typeof wish !== 'object' || wish === null || Array.isArray(wish)) throw refused('it must be a JSON object')
  const given = Object.entries(wish).filter(([, value]) => value !== null && value !== undefined && value !== '')
  for (const [name, value] of given) {
    if (!fields.includes(name)) throw refused(`${name} is no part of a hook; there are ${fields.join(', ')}`)
    if (typeof value !== 'string') throw refused(`${name} must be a text`)
  }
  return Object.fromEntries(given) as HookWish
}

function refused(why: string): WhsError {
  return new WhsError({ code: 'bad-hook', exit: exits.usage, what: 'the simulator cannot keep this hook', why })
}
