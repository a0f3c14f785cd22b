import { normaliseAccount } from '../core/account.ts'
import type { ProviderDefinition } from '../core/definition.ts'
import { freshId } from '../core/sample-values.ts'
import type { AccountFixture, HookResource } from './fixtures.ts'

/** A customer's account at the provider, with its records. Kept in memory. */
export interface Company {
  name: string
  /** Account kind → value. */
  values: Record<string, string>
  /** What is asked before the consent or learned from it, such as the shop's name. */
  slots: Record<string, string>
  records: SimulatedRecord[]
  /** What its hooks can be for; null: what the fixture's answer lists. */
  resources: HookResource[] | null
}
export interface SimulatedRecord {
  type: string
  id: string
  updatedAt: number
  deleted: boolean
}

/** The record that an event is about, and the one that a merge took away. */
export interface Changed {
  resourceId: string
  deletedId?: string
}

/** A change of one record: what the event says, and the id that its sample has, as a form for new ones. */
export interface RecordChange {
  type: string
  event: string
  at: number
  wanted?: string | undefined
  form: string
  random: Uint8Array
}

const dayMs = 86_400_000

/** The companies of the fixtures; their records were last changed yesterday. */
export function openCompanies(accounts: AccountFixture[], now: number): Company[] {
  return accounts.map(({ name, values, slots = {}, records = {}, resources = null }) => ({
    name,
    values,
    slots,
    records: Object.entries(records).flatMap(([type, ids]) =>
      ids.map(id => ({ type, id, updatedAt: now - dayMs, deleted: false })),
    ),
    resources,
  }))
}

/** A company's account as the provider prints it: the first kind's value. */
export function accountOf(definition: ProviderDefinition, company: Company): string {
  return company.values[definition.accounts[0]?.kind ?? ''] ?? company.name
}

/** The company with this account or this name. */
export function findCompany(companies: Company[], text: string): Company | undefined {
  const wanted = text.trim().toLowerCase()
  return companies.find(
    ({ name, values }) => name.toLowerCase() === wanted || Object.values(values).some(value => value === text),
  )
}

/**
 * The companies that the slots of a request leave: `account`, `account.<kind>`, and what is asked or learned (`shop`). A
 * slot that says nothing about companies leaves them all.
 */
export function companiesAt(
  definition: ProviderDefinition,
  companies: Company[],
  slots: Record<string, string>,
): Company[] {
  return companies.filter(company =>
    Object.entries(slots).every(([name, text]) => {
      const kind = name === 'account' ? definition.accounts[0]?.kind : /^account\.(.+)$/.exec(name)?.[1]
      const known = kind === undefined ? company.slots[name] : company.values[kind]
      if (known === undefined || known === text) return true
      const how = definition.accounts.find(one => one.kind === kind)?.normalise
      return how !== undefined && normaliseAccount(how, known) === normaliseAccount(how, text)
    }),
  )
}

export function liveRecords(company: Company, type: string): SimulatedRecord[] {
  return company.records.filter(record => record.type === type && !record.deleted)
}

/**
 * Does to a company's records what an event such as `invoice.created` says, and tells which one it is about: a new one,
 * the one asked for, else the newest. Only `created`, `deleted` and `merged` mean more than a change.
 */
export function changeRecord(company: Company, change: RecordChange): Changed {
  const { type, event, at, wanted } = change
  const verb = event.slice(event.lastIndexOf('.') + 1)
  if (verb === 'created') return { resourceId: addRecord(company, change, wanted).id }
  const record = recordFor(company, change)
  record.updatedAt = at
  if (verb === 'deleted') record.deleted = true
  if (verb !== 'merged') return { resourceId: record.id }
  const other = liveRecords(company, type).findLast(one => one !== record) ?? addRecord(company, change)
  other.updatedAt = at
  other.deleted = true
  return { resourceId: record.id, deletedId: other.id }
}

function recordFor(company: Company, change: RecordChange): SimulatedRecord {
  const { type, wanted } = change
  const live = liveRecords(company, type)
  const found = wanted === undefined ? live.at(-1) : live.find(record => record.id === wanted)
  return found ?? addRecord(company, change, wanted)
}

function addRecord(company: Company, change: RecordChange, id = nextId(company, change)): SimulatedRecord {
  const { type, at } = change
  const known = company.records.find(record => record.type === type && record.id === id)
  if (known) return Object.assign(known, { updatedAt: at, deleted: false })
  const record = { type, id, updatedAt: at, deleted: false }
  company.records.push(record)
  return record
}

/** The next number, or an id of the form of the others. */
function nextId(company: Company, { type, form, random }: RecordChange): string {
  const ids = company.records.flatMap(record => (record.type === type ? [record.id] : []))
  const numbers = ids.flatMap(id => (/^\d+$/.test(id) ? [BigInt(id)] : []))
  if (numbers.length === ids.length && /^\d*$/.test(form)) {
    return String(numbers.reduce((most, id) => (id > most ? id : most), ids.length === 0 ? BigInt(form) : 0n) + 1n)
  }
  return freshId(ids.at(-1) ?? form, random, company.records.length)
}
