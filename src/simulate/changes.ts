import { freshId } from '../core/sample-values.ts'
import type { SimulatedApp } from './apps.ts'
import type { EventKind } from './catalogue.ts'
import { badChange, type Change, type ChangeWish } from './change-wish.ts'
import { type Company, changeRecord, findCompany } from './companies.ts'
import { compose, tellAlone } from './compose.ts'
import type { Outgoing, SentDelivery } from './deliveries.ts'
import { isForResource } from './for-resource.ts'
import type { World } from './world.ts'

const maxCount = 1000

/**
 * Changes records and sends what the provider then sends: to every app with a callback URL, where the provider has one
 * hook for all, and to every hook of the companies. An app that a company has disconnected hears nothing of it any more (what
 * tells of its leaving is the last); a company that never consented here stands for one that did elsewhere. Resolves after the first answers.
 * @throws WhsError `bad-change`, `cannot-sign` (exit 2)
 */
export async function makeChange(world: World, wish: ChangeWish): Promise<SentDelivery[]> {
  if (wish.count < 1 || wish.count > maxCount) throw badChange(`count must be from 1 to ${maxCount}`)
  const pairs = pairsOf(world, wish)
  const apps = appsOf(world, wish)
  const sent: SentDelivery[] = []
  for (let round = 0; round < wish.count; round++) {
    const changes = pairs.map(([company, kind]) => change(world, company, kind, wish))
    const random = world.randomBytes(16)
    const all = apps.flatMap(app => {
      const composed = compose(world, app, changes, wish, random)
      if (!wish.forge) remember(world, app, changes, composed, random)
      return composed
    })
    if (!wish.forge) for (const { company, kind } of changes) leaveApps(world, apps, company, kind)
    if (world.history.isSilent) continue
    for (const outgoing of all) {
      sent.push(await world.deliveries.send(outgoing))
      if (wish.duplicate) sent.push(await world.deliveries.send(outgoing))
    }
  }
  return sent
}

/** What tells that a company has left ends its consents. */
function leaveApps(world: World, apps: SimulatedApp[], company: Company, { providerEvent }: EventKind): void {
  const { lifecycle = [] } = world.definition
  if (!lifecycle.some(({ means, events }) => means === 'revoked' && events.includes(providerEvent))) return
  for (const { clientId } of apps) world.grants.revokeCompanies(clientId, [company])
}

function appsOf(world: World, { clientId }: ChangeWish): SimulatedApp[] {
  if (clientId === undefined) return world.apps.list()
  const app = world.apps.get(clientId)
  if (app) return [app]
  throw badChange(`no app has the client id ${clientId}`)
}

function pairsOf(world: World, wish: ChangeWish): [Company, EventKind][] {
  const own = wish.accounts.length === 0 && !wish.unknownAccount
  const kinds = wish.events.map(event => kindOf(world, event, { own, shape: wish.shape }))
  const companies = companiesOf(world, wish, kinds)
  const length = Math.max(companies.length, kinds.length)
  const odd = (list: unknown[]): boolean => list.length !== length && list.length !== 1
  if (odd(companies) || odd(kinds)) throw badChange('name one account and one event, or as many of both')
  if (wish.shape !== undefined && !world.fixtures.events.has(wish.shape)) {
    throw badChange(`there is no shape ${wish.shape}`)
  }
  return Array.from({ length }, (_, index) => [at(companies, index), at(kinds, index)])
}

function companiesOf(world: World, wish: ChangeWish, kinds: EventKind[]): Company[] {
  if (wish.unknownAccount) return [stranger(world)]
  if (wish.accounts.length > 0) return wish.accounts.map(text => companyOf(world, text))
  if (kinds.every(({ isApp }) => isApp)) return world.companies.slice(0, 1)
  throw badChange('account must be a text or a list of texts')
}

function at<T>(list: T[], index: number): T {
  return (list.length === 1 ? list[0] : list[index]) as T
}

function kindOf(world: World, event: string, meant: { own: boolean; shape: string | undefined }): EventKind {
  const kind = world.catalogue.get(event, meant)
  if (kind) return kind
  throw badChange(`there is no sample of ${event}`)
}

function companyOf(world: World, text: string): Company {
  const company = findCompany(world.companies, text)
  if (company) return company
  const names = world.companies.map(({ name }) => name).join(', ')
  throw badChange(`"${text}" is no company here; there are ${names}`)
}

/** The last company that consented at no app here; where all did, one that nobody has ever seen. */
function stranger(world: World): Company {
  const never = (company: Company): boolean =>
    world.apps.list().every(app => world.grants.state(app.clientId, company) === 'never')
  const known = world.companies.findLast(never)
  if (known) return known
  const random = world.randomBytes(16)
  const [first] = world.companies
  const values = Object.entries(first?.values ?? {}).map(([kind, value]) => [kind, freshId(value, random, 0)])
  return { name: 'Nobody’s company', values: Object.fromEntries(values), slots: {}, records: [], resources: null }
}

/** What happened, as feeds tell an app of it: with the ids that its deliveries bear. */
function remember(
  world: World,
  { clientId }: SimulatedApp,
  changes: Change[],
  sent: Outgoing[],
  random: Uint8Array,
): void {
  const told = sent.flatMap(({ events }) => events)
  for (const change of changes) {
    const { company, kind, changed } = change
    const { event, providerEvent, type, isApp } = kind
    if (isApp || world.grants.state(clientId, company) === 'disconnected') continue
    const resource = type === null || changed === null ? null : { type, id: changed.resourceId }
    const known = told.find(
      one => one.company === company.name && one.event === event && (!resource || one.resource?.id === resource.id),
    )
    const { id } = known ?? tellAlone(world, change, random)
    const isOf = (thing: string): boolean => isForResource(world, { resource: thing }, change)
    world.history.add({ clientId, company, at: world.now(), event, providerEvent, resource, id, isOf })
  }
}

/** What a forger claims does not happen. */
function change(world: World, company: Company, kind: EventKind, wish: ChangeWish): Change {
  const { type, form, event } = kind
  if (type === null) return { company, kind, changed: null }
  const touched = wish.forge ? structuredClone(company) : company
  const random = world.randomBytes(16)
  const changed = changeRecord(touched, { type, event, form, random, at: world.now(), wanted: wish.resourceId })
  return { company, kind, changed }
}
