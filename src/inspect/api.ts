/**
 * What the inspector's page and its server say to each other: types alone, so that both import them. Times are ms since
 * 1970. Every path is under the local door's origin, wants the session's cookie, and answers JSON; what is asked to change
 * something is a POST of JSON from that very origin. A failure is `{ error: { code, what, why?, next? } }` with a status
 * from 400 on.
 */

/** Why something could not be done, in the words of the terminal. `next` is what to type. */
export interface Failure {
  code: string
  what: string
  why?: string
  next?: string
}

/** `GET /api/now`: what everything else hangs on. */
export interface Now {
  version: string
  /** How a command begins here: `whs`, `npx whs`, `whs --demo`. Empty states say what to type with it. */
  whs: string
  /** Null where nobody listens: the store is a finished one, or another process only looks at it. */
  listener: { since: number; url: string; targets: string[]; open: number } | null
  apps: AppView[]
  /** By name, the first thousand; `/api/tenants` has all, page by page. */
  tenants: string[]
  /** How many events and rejected requests the store has. */
  events: number
  rejected: number
  parked: number
}

export interface AppView {
  name: string
  provider: string
  providerName: string
  env: string
  callbackUrl: string | null
  /** The portal's own name for the field that the URL is pasted into. */
  callbackField: string
  tenants: number
  /** What a consent must know before it begins, such as the shop: `ConnectWish.slots`. */
  asks: { name: string; label: string; example: string }[]
}

/**
 * `GET /api/events?<filters>&before=<seq>&limit=<n>`: newest first. The filters have the names of the command line
 * (`tenant`, `app`, `provider`, `env`, `account`, `event`, `resource`, `scope`, `parked`, `failed`, `rejected`, `since`,
 * `until`, `search`) and stand in the page's own URL too. `around=<id>` gives the page that holds an event. With
 * `rejected` the rows are requests that did not verify. `skip=<n>` leaves out so many rows behind `before`: the scroll bar
 * was dragged there (`limit` is at most 500). `after=<seq>` gives the page above that number (its nearest rows).
 */
export interface EventPage {
  rows: EventRow[]
  /** The `before` of the next page; null at the end. */
  next: number | null
  /** The `after` of the page above; null at the top. */
  prev: number | null
  /** How many pass the filter; null where counting would take too long, and on every page but the first. */
  total: number | null
  /** The `from` of a stream that misses nothing that came after this page was read. */
  cursor: string
}

/** One line of the list. */
export interface EventRow {
  seq: number
  id: string
  deliveryId: string
  at: number
  provider: string
  app: string
  env: string
  /** `rejected` is a request that did not verify. */
  scope: 'tenant' | 'parked' | 'app' | 'rejected'
  /** Why it is parked or rejected. */
  reason: string | null
  tenant: string | null
  account: string | null
  /** The provider's word for the account. */
  accountWord: string | null
  event: string | null
  resource: { type: string; id: string } | null
  source: string
  verified: 'signature' | 'token' | 'none'
  repeatOf: string | null
  part: string | null
  forwards: ForwardView[]
}

export interface ForwardView {
  target: string
  state: 'open' | 'done' | 'failed' | 'final'
  tries: number
  status: number | null
  error: string | null
  nextAt: number | null
  /** Of the last try. */
  ms: number | null
}

/** `GET /api/events/<id>`: one event, or one rejected request, whole. */
export interface EventView {
  row: EventRow
  request: {
    method: string
    path: string
    headers: [name: string, value: string][]
    bytes: number
    /** The answer that the provider got. */
    status: number
  }
  /** The whole body; secrets that a provider puts into it are masked. Longer ones are cut at 1 MiB. */
  body: BodyView
  /** The bytes of this event in it: its item. Null where it is all of it or none. */
  item: { from: number; to: number } | null
  /** The other events of its delivery, at most 20. */
  siblings: { id: string; tenant: string | null; event: string | null; resource: { type: string; id: string } | null }[]
  /** What edit and replay begins with: the text of the event's item (exact), or why that cannot be. */
  edit: { text: string } | { no: string }
  explanation: Explanation
  attempts: AttemptView[]
  /** The changed thing itself, where it was fetched. */
  record: RecordView | null
  /** A shell command that sends the same request again, secrets masked. */
  curl: string
  /** The commands of the terminal that do what the buttons do. */
  commands: { show: string; explain: string; replay: string; claim: string | null }
}

/** What the provider's API said of the thing that an event is about; `failure`: why it could not be fetched. */
export interface RecordView {
  at: number
  /** Null where the API was not asked, or did not answer. */
  status: number | null
  deleted: boolean
  body: BodyView
  failure: Failure | null
  /** When it is asked for again. */
  nextAt: number | null
}

export interface BodyView {
  kind: 'json' | 'text' | 'binary' | 'none'
  /** Text as it is; of binary a base64. */
  text: string
  cut: boolean
  /** The place (in bytes) of the whole body at which `text` begins: more than 0 where it is cut around the event's item. */
  from: number
}

/** Why it is whose it is, as `whs explain` tells it. */
export interface Explanation {
  /** Sentences in order, each with what it is about. */
  steps: {
    about: 'answer' | 'verification' | 'split' | 'tenant' | 'mapping' | 'forward' | 'diagnosis'
    text: string
    good: boolean
  }[]
  /** Where the value that named the tenant stands in the body (byte offsets), if it stands there. */
  value: { from: number; to: number; path: string; text: string } | null
  /** The header that it was read from, if it was. */
  header: { name: string; text: string } | null
}

export interface AttemptView {
  number: number
  at: number
  target: string
  replay: boolean
  changed: string | null
  status: number | null
  error: string | null
  ms: number
  hint: string | null
  nextAt: number | null
  headers: [name: string, value: string][]
  body: BodyView
}

/**
 * `GET /api/stream?<filters>`: server-sent events. `row` carries an EventRow that is new or changed (a new attempt, say),
 * `now` says that `/api/now` changed (at most once a second). `again` says that more changed than is told row by row, or
 * that it is not known which rows: the list is to be read again. The ids are the stream's cursor, so that a browser that
 * was away goes on where it was; `from=<cursor>` begins there too. A page that is hidden had better close its stream and
 * begin again with `from` when it is shown: browsers keep six connections to a host, for all tabs together.
 */
export type StreamMessage =
  | { event: 'row'; data: EventRow }
  | { event: 'now'; data: null }
  | { event: 'again'; data: null }

export type { ClaimAnswer, ClaimWish, ConnectAnswer, ConnectWish, ReplayAnswer, ReplayWish } from './api-acts.ts'
export type { ParkedView, RejectedView, TenantView } from './api-tenants.ts'
