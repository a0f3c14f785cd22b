import { onTestFailed } from 'vitest'

/** Chance that can be had again: a test that fails prints its seed, and `WHS_SEED` gives it to the next run. */
export interface Dice {
  /** A whole number from 0, below this. */
  below(sides: number): number
  pick<T>(list: readonly T[]): T
}

/** Is to be called inside a test. */
export function rollDice(): Dice {
  const seed = Number(process.env.WHS_SEED ?? Date.now() % 2 ** 31)
  onTestFailed(() => void process.stderr.write(`seed: WHS_SEED=${seed}\n`))
  return diceOf(seed)
}

/** A multiplicative congruential generator with the constants of Park and Miller (CACM 36, 1993, page 108). */
function diceOf(seed: number): Dice {
  const modulus = 2 ** 31 - 1
  let state = (Math.abs(Math.trunc(seed)) % (modulus - 1)) + 1
  const below = (sides: number): number => {
    state = (state * 48_271) % modulus
    return Math.floor((state / modulus) * sides)
  }
  return { below, pick: list => list[below(list.length)] as (typeof list)[number] }
}
