import { WhsError } from '../core/errors.ts'
import type { Reply, Route, RouteRequest } from '../net/door.ts'
import { badChange, type ChangeWish } from './change-wish.ts'
import { makeChange } from './changes.ts'
import { turnFeedKnobs } from './feed-knobs.ts'
import { testUrl } from './handshake.ts'
import { turnKnobs } from './knobs.ts'
import { tellLeft } from './leave.ts'
import { dashboardPage } from './pages/dashboard.ts'
import { jsonReply, parseJson, wrongReply } from './portal.ts'
import type { World } from './world.ts'

/**
 * How changes are made.
 * - `POST /<provider>/control/change` with a `ChangeWish` as JSON (`account` and `event` may be one or a list) answers
 *   `{ deliveries }` after their first answers; `GET /<provider>/control/log` answers `{ deliveries }`, newest first
 * - `GET /<provider>/control/events` answers `{ events }`: every `event` that can be sent, its `shapes`, the `type` that it is
 *   about (or null), and `isApp` for the platform's own
 * - `POST /<provider>/control` turns knobs: `fail`, `quota`, `remove`, `clock`, `tokens`, `rotation`, `revoke`,
 *   `rename`
 * - `POST /<provider>/control/feeds` turns those of feeds: `page`, `silent`, `expire`, `retry`
 * - `GET /<provider>` is the page, whose buttons post the same fields to `/<provider>/act`
 */
export function controlRoutes(worldOf: (id: string) => World | undefined): Route[] {
  const route = (
    method: Route['method'],
    path: string,
    act: (world: World, request: RouteRequest) => Promise<Reply> | Reply,
  ): Route => ({
    method,
    path,
    handle(request) {
      const world = worldOf(request.params.provider ?? '')
      return world ? act(world, request) : { status: 404, body: 'There is no such provider here.\n' }
    },
  })
  return [
    route('POST', '/:provider/control', (world, { body }) => answered(() => turned(world, parseJson(body.toString())))),
    route('POST', '/:provider/control/feeds', (world, { body }) =>
      answered(() => turnFeedKnobs(world, parseJson(body.toString()))),
    ),
    route('POST', '/:provider/control/change', (world, { body }) =>
      answered(async () => ({ deliveries: await makeChange(world, readWish(parseJson(body.toString()))) })),
    ),
    route('GET', '/:provider/control/log', world => jsonReply(200, { deliveries: world.deliveries.log() })),
    route('GET', '/:provider/control/events', world => jsonReply(200, { events: world.catalogue.list() })),
    route('GET', '/:provider', (world, { query }) => dashboardPage(world, query.get('note'))),
    route('POST', '/:provider/act', act),
  ]
}

async function turned(world: World, wish: unknown): Promise<object> {
  const knobs = turnKnobs(world, wish)
  await tellLeft(world, (wish as { revoke?: unknown }).revoke)
  return knobs
}

async function answered(act: () => unknown): Promise<Reply> {
  try {
    return jsonReply(200, await act())
  } catch (error) {
    return wrongReply(error)
  }
}

/** A button of the page: a change, a hook, or another payload format for the apps. Leads back to the page. */
async function act(world: World, { form }: RouteRequest): Promise<Reply> {
  const fields: Record<string, unknown> = {}
  for (const name of new Set(form.keys())) {
    const values = form.getAll(name)
    fields[name] = values.length > 1 ? values : values[0]
  }
  try {
    if (typeof fields.payload === 'string') {
      for (const { clientId } of world.apps.list()) world.apps.put(clientId, { shape: fields.payload })
      return back(world, `Deliveries are now sent as ${fields.payload}.`)
    }
    if (fields.test === 'on') return back(world, await tested(world, fields.clientId))
    if (typeof fields.unhook === 'string') {
      return back(world, world.hooks.remove(fields.unhook) ? 'The hook is gone.' : 'There is no such hook any more.')
    }
    if (typeof fields.hook === 'string') {
      const { company, secret } = world.hooks.put({ account: fields.hook, url: fields.url, secret: fields.secret })
      return back(world, `${company?.name} has a hook${secret === null ? '' : `, whose secret is ${secret}`}.`)
    }
    const sent = await makeChange(world, readWish({ ...fields, count: Number(fields.count ?? 1) }))
    return back(world, sent.length === 0 ? nothingSent(world) : null)
  } catch (error) {
    if (!(error instanceof WhsError)) throw error
    return back(world, `${error.message}: ${error.why}`)
  }
}

/** What the app's URL, and every hook's, answered to the provider's tests. */
async function tested(world: World, clientId: unknown): Promise<string> {
  const own = world.definition.activation.per === 'app' ? [{ lead: '', at: { clientId: String(clientId) } }] : []
  const hooks = world.hooks
    .list()
    .map(({ id, company }) => ({ lead: company ? `${company.name}: ` : '', at: { hook: id } }))
  const texts = await Promise.all(
    [...own, ...hooks].map(async ({ lead, at }) => {
      const results = (await testUrl(world, at)).map(
        ({ kind, status, ok }) => `${kind} ${ok ? 'passed' : 'failed'} (${status ?? 'no answer'})`,
      )
      return `${lead}${results.join(', ')}.`
    }),
  )
  return texts.length === 0 ? 'There is no hook to test.' : texts.join(' ')
}

function nothingSent({ definition }: World): string {
  if (definition.activation.per === 'app') return 'Nothing was sent: no app with a callback URL hears of this company.'
  return 'Nothing was sent: it has no hook here, or has disconnected the app.'
}

function back({ definition }: World, note: string | null): Reply {
  const place = note === null ? '#log' : `?${new URLSearchParams({ note }).toString()}`
  return { status: 303, headers: { location: `/${definition.id}${place}` } }
}

function readWish(input: unknown): ChangeWish {
  if (typeof input !== 'object' || input === null) throw badChange('it must be a JSON object')
  const fields = input as Record<string, unknown>
  const unknownAccount = isOn('unknownAccount', fields.unknownAccount)
  const known = ['account', 'event', 'resourceId', 'shape', 'count', 'forge', 'duplicate', 'unknownAccount', 'clientId']
  const odd = Object.keys(fields).find(name => !known.includes(name))
  if (odd) throw badChange(`${odd} is no part of a change; there are ${known.join(', ')}`)
  return {
    accounts: unknownAccount || fields.account === undefined ? [] : texts(fields.account, 'account'),
    events: texts(fields.event, 'event'),
    ...optional('resourceId', fields.resourceId),
    ...optional('shape', fields.shape),
    ...optional('clientId', fields.clientId),
    count: countOf(fields.count ?? 1),
    forge: isOn('forge', fields.forge),
    duplicate: isOn('duplicate', fields.duplicate),
    unknownAccount,
  }
}

function texts(value: unknown, name: string): string[] {
  const list = Array.isArray(value) ? value : [value]
  if (list.length > 0 && list.every(one => typeof one === 'string' && one !== '')) return list as string[]
  throw badChange(`${name} must be a text or a list of texts`)
}

function countOf(value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number
  throw badChange('count must be a whole number')
}

function optional<Name extends string>(name: Name, value: unknown): Partial<Record<Name, string>> {
  if (value === undefined || value === '') return {}
  if (typeof value === 'string') return { [name]: value } as Record<Name, string>
  throw badChange(`${name} must be a text`)
}

/** A check box of a form is `on`. */
function isOn(name: string, value: unknown): boolean {
  if (value === true || value === 'true' || value === 'on') return true
  if (value === undefined || value === false || value === 'false') return false
  throw badChange(`${name} must be true or false`)
}
