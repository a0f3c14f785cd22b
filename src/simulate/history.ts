import type { Company } from './companies.ts'

/** A change that was made, as feeds tell of it later. */
export interface PastChange {
  /** Of the app to which it is told. */
  clientId: string
  company: Company
  at: number
  event: string
  providerEvent: string
  /** What it is about; null where it is about nothing in particular. */
  resource: { type: string; id: string } | null
  /** The provider's own id of the event, as its deliveries bore it. */
  id: string | null
  /** Whether it is of a thing that hooks can be for. */
  isOf(thing: string): boolean
  /** Its place among all, from 1; by it a list that only names events names it. */
  number: number
}

/** All changes of a provider since the simulator began, and how its feeds behave. */
export interface History {
  add(change: Omit<PastChange, 'number'>): void
  /** Those that are told to an app, of these companies, oldest first. */
  of(clientId: string, companies: Company[]): PastChange[]
  numbered(number: number): PastChange | undefined
  /** The most items of a page. */
  pageSize: number
  /** Changes are made, and nothing is sent. */
  isSilent: boolean
  /** Grows when all cursors that were given are too old. */
  epoch: number
}

export function openHistory(): History {
  const all: PastChange[] = []
  return {
    add: change => void all.push({ ...change, number: all.length + 1 }),
    of: (clientId, companies) => all.filter(one => one.clientId === clientId && companies.includes(one.company)),
    numbered: number => all[number - 1],
    pageSize: 100,
    isSilent: false,
    epoch: 0,
  }
}
