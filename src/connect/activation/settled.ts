import { WhsError } from '../../core/errors.ts'
import { failureOf } from './failure.ts'
import type { Called } from './hook-call.ts'

/** An error that a person can mend, as what failed. */
export async function settled<T>(work: Promise<T>): Promise<Called<T>> {
  try {
    return { ok: true, value: await work }
  } catch (error) {
    if (error instanceof WhsError) return { ok: false, failure: failureOf(error) }
    throw error
  }
}
