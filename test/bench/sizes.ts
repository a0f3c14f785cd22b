/** How much of everything. */
export interface Sizes {
  /** Alternating rounds of whatever is compared. */
  rounds: number
  starts: number
  /** Deliveries a round of the receiving part, for the fast servers; the textbook gets a tenth. */
  deliveries: number
  bursts: number[]
  sustainedSeconds: number
  pacedSeconds: number
  /** Events that wait for a handler that is down. */
  waiting: number
  replayed: number
  stored: { events: number; tenants: number }
}

export const full: Sizes = {
  rounds: 5,
  starts: 25,
  deliveries: 40_000,
  bursts: [2_000, 10_000],
  sustainedSeconds: 30,
  pacedSeconds: 10,
  waiting: 100_000,
  replayed: 10_000,
  stored: { events: 1_000_000, tenants: 100_000 },
}

/** `--short`: a look at every figure in a few minutes. */
export const short: Sizes = {
  rounds: 2,
  starts: 5,
  deliveries: 8_000,
  bursts: [2_000, 10_000],
  sustainedSeconds: 10,
  pacedSeconds: 3,
  waiting: 20_000,
  replayed: 2_000,
  stored: { events: 50_000, tenants: 5_000 },
}
