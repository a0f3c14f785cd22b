import { exits, WhsError } from '../core/errors.ts'
import type { EventKind } from './catalogue.ts'
import type { Changed, Company } from './companies.ts'

/** What someone does in the simulated companies. Several changes at once come in one delivery, where the provider does so. */
export interface ChangeWish {
  /** Accounts or company names; a single one goes with every event. Not needed for the platform's own events. */
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

export interface Change {
  company: Company
  kind: EventKind
  /** Null where the event is about no record. */
  changed: Changed | null
}

/** The simulator does not do what was wished. */
export function badChange(why: string): WhsError {
  return new WhsError({ code: 'bad-change', exit: exits.usage, what: 'the simulator cannot do this', why })
}
