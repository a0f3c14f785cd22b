import type { Call, Path, Value } from './value-definition.ts'

/**
 * Whose an item is that names no account which is known here: what it names, and the call that knows. It is asked after the
 * delivery is on disk and answered; only exactly one tenant is believed.
 */
export interface Resolve {
  /** What is asked about, in one noun: `form`. */
  name: string
  /** What the item names; it fills `{value}`. An item without it asks nothing. */
  from: Value
  /**
   * `tenant`: the tenants' own tokens, one connection after the other, each asked whether it is theirs; `app`: the app's own
   * credentials, once, asked whose it is.
   */
  as: 'tenant' | 'app'
  call: Call
  /** Where the answer has several things, of which one may be meant; absent: the whole answer is one. */
  items?: Path
  /** What of a thing must be what was asked about; absent: a good answer says so, as it does to nobody else. */
  equals?: Value
  /**
   * For which account it stands. Absent: for that of the connection whose token asked, which only a tenant's call may leave
   * open.
   */
  account?: { kind: string; at: Value }
}

/** What an item names in the place of an account. */
export interface AskedValue {
  /** By which entry of the definition it is asked about. */
  name: string
  value: string
}
