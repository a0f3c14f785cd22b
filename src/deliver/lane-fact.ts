/** What lanes tell beside the attempts, which are in the store. The `target` of held and resumed is an origin. */
export type LaneFact =
  | { kind: 'held'; target: string; why: string; count: number }
  | { kind: 'resumed'; target: string; count: number; ms: number }
  | WaitingFact
  | { kind: 'warning'; code: string; detail: string; fix: string }
/** No answer after a second. `withinMs` is how long the provider itself (`company`) would wait. */
export interface WaitingFact {
  kind: 'waiting'
  forward: number
  eventIds: string[]
  tenant: string | null
  target: string
  sinceMs: number
  withinMs: number
  company: string
}
