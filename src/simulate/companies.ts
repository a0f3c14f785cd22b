import type { ProviderDefinition } from '../core/definition.ts'
import type { AccountFixture } from './fixtures.ts'

/** A customer's account at the provider, with its records. Kept in memory. */
export interface Company {
  name: string
  /** Account kind → value. */
  values: Record<string, string>
  records: SimulatedRecord[]
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

const dayMs = 86_400_000

/** The companies of the fixtures; their records were last changed yesterday. */
export function openCompanies(accounts: AccountFixture[], now: number): Company[] {
  return accounts.map(({ name, values, records }) => ({
    name,
    values,
    records: Object.entries(records).flatMap(([type, ids]) =>
      ids.map(id => ({ type, id, updatedAt: now - dayMs, deleted: false })),
    ),
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

export function liveRecords(company: Company, type: string): SimulatedRecord[] {
  return company.records.filter(record => record.type === type && !record.deleted)
}

/**
 * Does to a company's records what an event such as `invoice.created` says, and tells which one it is about: a new one,
 * the one asked for, else the newest. Only `created`, `deleted` and `merged` mean more than a change.
 */
export function changeRecord(company: Company, type: string, event: string, at: number, wanted?: string): Changed {
  const verb = event.slice(event.lastIndexOf('.') + 1)
  if (verb === 'created') return { resourceId: addRecord(company, type, at, wanted).id }
  const record = recordFor(company, type, at, wanted)
  record.updatedAt = at
  if (verb === 'deleted') record.deleted = true
  if (verb !== 'merged') return { resourceId: record.id }
  const other = liveRecords(company, type).findLast(one => one !== record) ?? addRecord(company, type, at)
  other.updatedAt = at
  other.deleted = true
  return { resourceId: record.id, deletedId: other.id }
}

function recordFor(company: Company, type: string, at: number, wanted: string | undefined): SimulatedRecord {
  const live = liveRecords(company, type)
  const found = wanted === undefined ? live.at(-1) : live.find(record => record.id === wanted)
  return found ?? addRecord(company, type, at, wanted)
}

function addRecord(company: Company, type: string, at: number, id = nextId(company, type)): SimulatedRecord {
  const known = company.records.find(record => record.type === type && record.id === id)
  if (known) return Object.assign(known, { updatedAt: at, deleted: false })
  const record = { type, id, updatedAt: at, deleted: false }
  company.records.push(record)
  return record
}

function nextId(company: Company, type: string): string {
  const ids = company.records.flatMap(record =>
    record.type === type && /^\d+$/.test(record.id) ? [BigInt(record.id)] : [],
  )
  return String(ids.reduce((most, id) => (id > most ? id : most), 0n) + 1n)
}
