import type { ActivationOutcome } from '../connect/activation/activation-outcome.ts'
import type { EndedConsent } from '../connect/consent.ts'
import type { Stored } from '../deliver/follow.ts'
import type { LaneFact } from '../deliver/lanes.ts'
import type { Stray } from '../receive/receiver.ts'
import type { HandshakeFact } from '../receive/take-handshake.ts'
import type { Answered, Settled } from '../store/resolution-ops.ts'
import type { Tenant, TenantConnection } from '../store/tenant-ops.ts'
import type { TunnelChange } from '../tunnel/tunnel.ts'
import type { CaughtUp, CaughtUpAll } from './catch-up.ts'

/** Everything that a running session tells; `cli/render` makes lines of text or records of it. */
export type Fact =
  | Stored
  /** How often since it was last told, and what was probably meant. */
  | ({ kind: 'stray'; times: number; hint: string | null } & Stray)
  | ({ kind: 'tunnel' } & TunnelChange)
  | LaneFact
  /** A provider tested or set up a callback URL. */
  | ({ kind: 'handshake'; times: number } & HandshakeFact)
  /** A consent that came through this listener's door ended. */
  | { kind: 'connection'; ended: EndedConsent }
  /** A connection's state has changed, whichever process found it out, or its consent ends soon. */
  | { kind: 'connection-changed'; tenant: Tenant; connection: TenantConnection }
  /** A hook was made, moved, renewed, or is not as it should be. */
  | { kind: 'activation'; outcome: ActivationOutcome }
  /** What was missed: caught up, lost, or (at a start) still to be caught up. */
  | { kind: 'gap'; gap: CaughtUp | WholeGap }
  | ResolutionFact
  | { kind: 'warning'; code: string; detail: string; fix?: string }
  | ReadyFact
  | EndFact

/** A call was asked whose a value is that deliveries name in the place of a known account. */
export interface ResolutionFact {
  kind: 'resolution'
  app: string
  /** What it is, in one noun, and the value itself. */
  about: string
  value: string
  /** Null where the definition has it no more. */
  call: string | null
  answer: Answered
  settled: Settled
  /** How many connections were asked. */
  asked: number
}

/** What was fetched of an event's thing. */
export type FetchedFact = Extract<Fact, { kind: 'record' }>

/** A time in which nobody listened, and what catching up came to; null where it was not asked for. */
export interface WholeGap {
  from: number | null
  to: number
  why: CaughtUp['why']
  all: CaughtUpAll | null
}

export interface ReadyFact {
  kind: 'ready'
  url: string
  /** app → callback URL. */
  callbacks: Record<string, string>
  tunnel: 'ngrok' | 'none' | 'url'
  /** Whether our own public URL answered, and how fast; null where it did not. */
  probedMs: number | null
  /** Apps whose callback URL is not the one a person was last told to paste. */
  moved: Moved[]
  open: { open: number; untaken: number; oldestAt: number | null }
  inspector: string
  pid: number
  targets: string[]
  apps: { name: string; provider: string; env: string; tenants: number }[]
}
export interface Moved {
  app: string
  /** Whose hook it is; null for the one that all tenants share. */
  tenant: string | null
  field: string
  where: string
  from: string | null
  to: string
}
export interface EndFact {
  kind: 'end'
  why: string
  ms: number
  counts: EndCounts
}
export interface EndCounts {
  events: number
  tenants: number
  answered: number
  retried: number
  parked: number
  rejected: number
  repeats: number
  open: number
  failed: number
}
