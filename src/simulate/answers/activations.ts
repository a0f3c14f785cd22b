import { Buffer } from 'node:buffer'
import type { ActivationApi, RefusalMeaning } from '../../core/activation-definition.ts'
import type { Call } from '../../core/value-definition.ts'
import { isHttp, type SimulatedApp } from '../apps.ts'
import type { Hook } from '../hooks.ts'
import type { ActivationCall } from '../knobs.ts'
import type { World } from '../world.ts'
import { broughtSecret, draftHook, endOf } from './draft-hook.ts'
import { isReached, testLater } from './hook-tests.ts'
import type { Answered, Caller, KnownCall } from './known-call.ts'
import { refuseHook } from './refuse-hook.ts'
import { isOf } from './resolves.ts'
import { companyWith, resourcesAnswer, resourcesOf } from './resources.ts'
import { writeAnswer } from './write-answer.ts'
import { listAnswer, madeAnswer, momentAnswer } from './write-hooks.ts'

type Slots = Record<string, string>
type Act = (context: Context, caller: Caller, slots: Slots) => Answered | Promise<Answered>
interface Context {
  world: World
  api: ActivationApi
  call: Call
}

/** The calls of the definition's activation API. */
export function activationsOf(world: World): KnownCall[] {
  const { api } = world.definition.activation
  if (!api) return []
  const known: KnownCall[] = []
  const add = (activation: ActivationCall, call: Call | undefined, act: Act, more?: Partial<KnownCall>): void => {
    if (!call) return
    known.push({
      ...more,
      call,
      activation,
      ofApp: isOfApp(world, api),
      answer: (caller, slots) =>
        lacksScope(world, api, caller) ? refuseHook(api, call, 'scope') : act({ world, api, call }, caller, slots),
    })
  }
  const { resources, list, made, renew } = api
  if (resources && 'call' in resources) {
    add('resources', resources.call, (_, { companies }) => resourcesAnswer(world, resources, companies))
  }
  if (list)
    add('list', list.call, (context, caller, slots) => {
      const hooks = standing(context, caller, slots)
      return hooks.length === 0 && isForeign(world, caller, slots) ? 'not-found' : listAnswer(world, list, hooks)
    })
  add('create', api.create, create)
  add('secret', made.secretBy?.call, tellSecret)
  if (typeof renew === 'object') add('renew', renew.call, renewHook)
  if (typeof api.move === 'object') {
    const context = { world, api, call: api.move }
    const isMeant: KnownCall['isMeant'] = (caller, slots) => standing(context, caller, slots).length > 0
    add('move', api.move, moveHook, { isMeant })
  }
  add('remove', api.remove, removeHooks)
  return known
}

/** Whether a request names a thing that is none of the caller's companies', as far as that is known. */
function isForeign(world: World, { companies }: Caller, { resource }: Slots): boolean {
  const isKnown = companies.every(company => resourcesOf(world, company) !== null)
  return resource !== undefined && isKnown && !companies.some(company => isOf(world, company, resource))
}

function isOfApp({ definition }: World, api: ActivationApi): boolean {
  return (api.per ?? definition.activation.per) === 'app'
}

/** Where a consent says nothing of scopes, it has them all. */
function lacksScope({ definition }: World, { scopes = [] }: ActivationApi, { scope }: Caller): boolean {
  if (!scope) return false
  const given = scope.split(definition.oauth.scopeSeparator)
  return scopes.some(one => !given.includes(one))
}

/** The hooks that a request may speak of: the caller's own, narrowed by what it names. What the portal says is one too. */
function standing({ world, api }: Context, { clientId, companies }: Caller, slots: Slots): Hook[] {
  const ofApp = isOfApp(world, api)
  const own = world.hooks
    .list()
    .filter(hook => hook.clientId === clientId && (hook.company === null ? ofApp : companies.includes(hook.company)))
  const app = world.apps.get(clientId)
  const all = ofApp && app && isByHand(app, own) ? [...own, handMade(app)] : own
  return all.filter(
    ({ id, resource, kept }) =>
      (slots.activation ?? id) === id &&
      (resource === null || (slots.resource ?? resource) === resource) &&
      Object.entries(kept).every(([name, text]) => (slots[name] ?? text) === text),
  )
}

function isByHand({ callbackUrl }: SimulatedApp, own: Hook[]): boolean {
  return callbackUrl !== null && own.every(({ url }) => url !== callbackUrl)
}

/** What a person has written into the portal, as a hook. */
function handMade({ clientId, callbackUrl }: SimulatedApp): Hook {
  const common = { company: null, secret: null, resource: null, expiresAt: null, kept: {} }
  return { id: `portal-${clientId}`, clientId, url: callbackUrl, ...common }
}

/** Points a hook at another URL, or (null) ends it. */
function point({ hooks, apps }: World, hook: Hook, url: string | null): void {
  if (!hooks.list().includes(hook)) apps.put(hook.clientId, { callbackUrl: url })
  else if (url === null) hooks.end(hook)
  else hook.url = url
}

async function create(context: Context, caller: Caller, slots: Slots): Promise<Answered> {
  const { world, api, call } = context
  const { hooks } = world
  const company = isOfApp(world, api) ? null : companyWith(world, caller.companies, slots.resource)
  const { activation: _, ...about } = slots
  const alike = standing(context, { ...caller, companies: company ? [company] : [] }, about)
  const again = api.renew === 'again' ? alike[0] : undefined
  const hook = draftHook(world, api, { clientId: caller.clientId, company, slots })
  if (hook.expiresAt !== null && !(hook.expiresAt > world.now())) return 'bad-request'
  const refuse = (meaning: RefusalMeaning): Answered => refuseHook(api, call, meaning)
  if (!again) {
    const wrong = whyNot(context, hook, alike, slots)
    if (wrong) return refuse(wrong)
  }
  if (again?.url !== hook.url && !(await isReached(world, hook))) return refuse('unreachable')
  if (again) return madeAnswer(world, api, Object.assign(again, hook, { id: again.id, kept: again.kept }))
  hooks.keep(hook)
  testLater(world, hook)
  return madeAnswer(world, api, hook)
}

/** Why a provider makes no such hook. */
function whyNot({ world, api }: Context, hook: Hook, alike: Hook[], slots: Slots): RefusalMeaning | undefined {
  const { hooks, knobs } = world
  if (slots.callback !== undefined && !isHttp(slots.callback)) return 'unreachable'
  const chosen = slots.activation ?? slots.uuid
  if (chosen !== undefined && hooks.list().some(({ id }) => id === chosen)) return 'taken'
  const refusesTwice = api.refusals?.some(({ means }) => means === 'taken') ?? false
  const isOneUrl = api.move === 'remove-first'
  if (refusesTwice && alike.some(({ url }) => (url === hook.url) !== isOneUrl)) return 'taken'
  const own = hooks.list().filter(one => one.clientId === hook.clientId && one.company === hook.company)
  return knobs.quota !== null && own.length >= knobs.quota ? 'quota' : undefined
}

/** Where the secret must be asked for. */
function tellSecret(context: Context, caller: Caller, slots: Slots): Answered {
  const { world, api, call } = context
  const [hook] = standing(context, caller, slots)
  const { secretBy } = api.made
  if (!hook || !secretBy) return refuseHook(api, call, 'gone')
  return writeAnswer(world.fixtures.answer('activation-secret'), secretBy.at, hook.secret ?? '')
}

function renewHook(context: Context, caller: Caller, slots: Slots): Answered {
  const { world, api, call } = context
  const hooks = standing(context, caller, slots)
  if (hooks.length === 0) return refuseHook(api, call, 'gone')
  const end = endOf(world, slots)
  if (end !== null && !(end > world.now())) return 'bad-request'
  for (const hook of hooks) hook.expiresAt = end
  const expires = typeof api.renew === 'object' ? api.renew.expires : undefined
  return momentAnswer(world.fixtures.answer('activation-renew'), expires, end)
}

async function moveHook(context: Context, caller: Caller, slots: Slots): Promise<Answered> {
  const { world, api, call } = context
  const [hook] = standing(context, caller, slots)
  if (!hook) return refuseHook(api, call, 'gone')
  const url = slots.callback ?? hook.url
  if (url === null || !isHttp(url) || !(await isReached(world, { ...hook, url }, 'moved'))) {
    return refuseHook(api, call, 'unreachable')
  }
  if (hook.secret !== null) hook.secret = broughtSecret(slots) ?? hook.secret
  point(world, hook, url)
  return world.fixtures.answer('activation-move')
}

function removeHooks(context: Context, caller: Caller, slots: Slots): Answered {
  const { world, api, call } = context
  const hooks = standing(context, caller, slots)
  if (hooks.length === 0) return refuseHook(api, call, 'gone')
  for (const hook of hooks) point(world, hook, null)
  return call.method === 'DELETE' && call.failedWhen === undefined ? { status: 204 } : Buffer.from('{}')
}
