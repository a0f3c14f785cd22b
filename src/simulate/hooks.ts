import { Buffer } from 'node:buffer'
import type { ProviderDefinition } from '../core/definition.ts'
import { exits, WhsError } from '../core/errors.ts'
import { freshId } from '../core/sample-values.ts'
import { signingSecrets } from '../core/scheme-text.ts'
import { type Apps, isHttp, makeSecret } from './apps.ts'
import { type Company, findCompany } from './companies.ts'

/** A subscription of one company (or of one thing of it), with a URL and a secret of its own. */
export interface Hook {
  id: string
  clientId: string
  company: Company
  /** Null: the app's callback URL. */
  url: string | null
  secret: string | null
  /** What it is about, such as a form's id. */
  resource: string | null
}

export interface Hooks {
  list(): Hook[]
  of(clientId: string, company: Company): Hook[]
  /** Makes one, or changes the one that has the id. */
  put(wish: unknown): Hook
  remove(id: string): boolean
}

export interface HooksOptions {
  definition: ProviderDefinition
  companies: Company[]
  apps: Apps
  randomBytes(length: number): Uint8Array
}

const fields = ['clientId', 'account', 'company', 'url', 'secret', 'id', 'key', 'resource']

/** The hooks of one provider, in memory. */
export function openHooks({ definition, companies, apps, randomBytes }: HooksOptions): Hooks {
  const hooks = new Map<string, Hook>()

  /** The id that the company's samples carry, where it is still free. */
  function idFor(company: Company): string {
    const usual = company.values[definition.activation.kind ?? '']
    if (usual !== undefined && !hooks.has(usual)) return usual
    const random = randomBytes(16)
    return usual === undefined ? Buffer.from(random).toString('hex') : freshId(usual, random, hooks.size)
  }

  /** One that the app chooses may be left out where it is optional. */
  function secretFor(company: Company): string | null {
    const [name] = signingSecrets(definition, 'activation')
    if (name === undefined) return null
    if (definition.activation.secret !== 'given' && definition.secrets[name]?.optional) return null
    return makeSecret(definition, name, company.name, randomBytes)
  }

  return {
    list: () => [...hooks.values()],
    of: (clientId, company) =>
      [...hooks.values()].filter(hook => hook.clientId === clientId && hook.company === company),
    put(wish) {
      const given = readWish(wish)
      const old = given.id === undefined ? undefined : hooks.get(given.id)
      const company = companyOf(companies, given.account ?? given.company) ?? old?.company
      if (!company) throw refused(`account must be one of ${companies.map(({ name }) => name).join(', ')}`)
      const url = given.url === undefined ? (old?.url ?? null) : withKey(given.url, given.key)
      if (url !== null && !isHttp(url)) throw refused('url must be an http or https URL')
      const app = apps.get(given.clientId ?? old?.clientId ?? usualApp(apps))
      if (!app) throw refused(`no app has the client id ${given.clientId}`)
      const hook = {
        id: given.id ?? idFor(company),
        clientId: app.clientId,
        company,
        url,
        secret: given.secret ?? old?.secret ?? secretFor(company),
        resource: given.resource ?? old?.resource ?? null,
      }
      hooks.set(hook.id, hook)
      return hook
    },
    remove: id => hooks.delete(id),
  }
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
