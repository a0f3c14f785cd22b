import { Buffer } from 'node:buffer'
import { exits, WhsError } from '../core/errors.ts'
import { readItems } from '../core/ingest.ts'
import { composeSample, joinSamples, signDelivery } from '../core/sample.ts'
import { freshId } from '../core/sample-values.ts'
import type { Signable } from '../core/sign.ts'
import type { SimulatedApp } from './apps.ts'
import { accountOf, type Changed, type Company, changeRecord, findCompany } from './companies.ts'
import type { Outgoing, SentDelivery, SentEvent } from './deliveries.ts'
import type { World } from './world.ts'

/** What someone does in the simulated companies. Several changes at once come in one delivery. */
export interface ChangeWish {
  /** Accounts or company names; a single one goes with every event. */
  accounts: string[]
  /** Normalised event types of which there is a sample; a single one goes with every account. */
  events: string[]
  /** The record it is about; without it the newest one. */
  resourceId?: string
  /** Else the shape that each app has chosen. */
  shape?: string
  /** How many times, a delivery each. */
  count: number
  /** Signed by someone who does not know the secret. */
  forge: boolean
  /** Sent twice, byte for byte. */
  duplicate: boolean
  /** For a company that never consented, in place of the accounts. */
  unknownAccount: boolean
  /** Only to this app. */
  clientId?: string
}

interface Change {
  company: Company
  event: string
  changed: Changed
}

const maxCount = 1000

/**
 * Changes records and sends what the provider then sends, to every app with a callback URL. An app that a company has
 * disconnected hears nothing of it any more; a company that never consented here stands for one that did elsewhere.
 * Resolves after the first answers.
 * @throws WhsError `bad-change` (exit 2)
 */
export async function makeChange(world: World, wish: ChangeWish): Promise<SentDelivery[]> {
  if (wish.count < 1 || wish.count > maxCount) throw refused(`count must be from 1 to ${maxCount}`)
  const pairs = pairsOf(world, wish)
  const apps = world.apps.list().filter(({ clientId }) => wish.clientId === undefined || clientId === wish.clientId)
  const sent: SentDelivery[] = []
  for (let round = 0; round < wish.count; round++) {
    const changes = pairs.map(([company, event]) => change(world, company, event, wish))
    const random = world.randomBytes(16)
    for (const app of apps) {
      const outgoing = compose(world, app, changes, wish, random)
      if (!outgoing) continue
      sent.push(await world.deliveries.send(outgoing))
      if (wish.duplicate) sent.push(await world.deliveries.send(outgoing))
    }
  }
  return sent
}

function pairsOf(world: World, wish: ChangeWish): [Company, string][] {
  const companies = wish.unknownAccount ? [stranger(world)] : wish.accounts.map(text => companyOf(world, text))
  const { events } = wish
  const length = Math.max(companies.length, events.length)
  const odd = (list: unknown[]): boolean => list.length !== length && list.length !== 1
  if (odd(companies) || odd(events)) throw refused('name one account and one event, or as many of both')
  if (wish.shape !== undefined && !world.fixtures.events.has(wish.shape))
    throw refused(`there is no shape ${wish.shape}`)
  for (const event of events) if (!shapeFor(world, event)) throw refused(`there is no sample of ${event}`)
  return Array.from({ length }, (_, index) => [at(companies, index), at(events, index)])
}

function at<T>(list: T[], index: number): T {
  return (list.length === 1 ? list[0] : list[index]) as T
}

function companyOf(world: World, text: string): Company {
  const company = findCompany(world.companies, text)
  if (company) return company
  const names = world.companies.map(({ name }) => name).join(', ')
  throw refused(`"${text}" is no company here; there are ${names}`)
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
  return { name: 'a company without a name', values: Object.fromEntries(values), records: [] }
}

/** What a forger claims does not happen. */
function change(world: World, company: Company, event: string, wish: ChangeWish): Change {
  const type = typeOf(world, event)
  const touched = wish.forge ? structuredClone(company) : company
  return { company, event, changed: changeRecord(touched, type, event, world.now(), wish.resourceId) }
}

/** The provider's own word for the type of record that an event is about: `invoice.created` → `Invoice`. */
function typeOf(world: World, event: string): string {
  const spoken = event.slice(0, event.indexOf('.'))
  return [...world.fixtures.records.keys()].find(type => type.toLowerCase() === spoken) ?? spoken
}

function shapeFor(world: World, event: string, ...preferred: (string | undefined)[]): string | undefined {
  const { events } = world.fixtures
  return [...preferred, ...events.keys()].find(shape => shape !== undefined && events.get(shape)?.includes(event))
}

function compose(
  world: World,
  app: SimulatedApp,
  changes: Change[],
  wish: ChangeWish,
  random: Uint8Array,
): Outgoing | undefined {
  const { definition, grants } = world
  const heard = changes.filter(({ company }) => grants.state(app.clientId, company) !== 'disconnected')
  const [first] = heard
  if (!first || app.callbackUrl === null) return undefined
  const shape = shapeFor(world, first.event, wish.shape, app.shape) as string
  const made = heard.map((one, index) => composeOne(world, one, shape, seed(random, index)))
  const message = joinSamples(definition, made)
  const secret = wish.forge ? Buffer.from(world.randomBytes(18)).toString('hex') : app.webhookSecret
  return {
    clientId: app.clientId,
    url: () => app.callbackUrl,
    headers: signDelivery(definition, message, secret),
    body: message.body,
    events: heard.map((one, index) => sentEvent(world, one, made[index] as Signable)),
    shape,
    forged: wish.forge,
  }
}

function seed(random: Uint8Array, index: number): Uint8Array {
  return Uint8Array.of(...random, index >> 8, index & 255)
}

function composeOne(world: World, { company, event, changed }: Change, shape: string, random: Uint8Array): Signable {
  const { fixtures, definition, now } = world
  const best = shapeFor(world, event, shape) as string
  const sample = { headers: fixtures.deliveryHeaders, body: fixtures.sample(best, event) }
  return composeSample(definition, sample, { accounts: company.values, random, at: now(), ...changed })
}

function sentEvent(world: World, { company, event }: Change, message: Signable): SentEvent {
  const [item] = readItems(world.definition, { method: 'POST', ...message })
  const account = accountOf(world.definition, company)
  const resource = item?.resource ? { type: typeOf(world, event), id: item.resource.id } : null
  return { event, account, company: company.name, resource }
}

function refused(why: string): WhsError {
  return new WhsError({ code: 'bad-change', exit: exits.usage, what: 'the simulator cannot do this', why })
}
