/** Milliseconds of the machine's steady clock: the same in every process, so that moments of two can be compared. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
