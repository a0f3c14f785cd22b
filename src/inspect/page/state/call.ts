import type { Failure } from '../../api.ts'

/** A request that failed, with what to tell. */
class CallError extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.what)
    this.failure = failure
  }
}

const away: Failure = {
  code: 'away',
  what: 'whs does not answer',
  why: 'the process that served this page has ended',
  next: 'whs inspect',
}

/**
 * Asks the local door. `wish` makes it a POST.
 * @throws CallError where it does not answer, or answers that something is wrong
 */
export async function call<T>(path: string, wish?: object, signal?: AbortSignal): Promise<T> {
  const post: RequestInit = wish
    ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(wish) }
    : {}
  let response: Response
  try {
    response = await fetch(path, { ...post, cache: 'no-store', redirect: 'error', ...(signal ? { signal } : {}) })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new CallError(away)
  }
  if (response.ok) return (await response.json()) as T
  throw new CallError(await failureOf(response))
}

async function failureOf(response: Response): Promise<Failure> {
  try {
    const { error } = (await response.json()) as { error: Failure }
    if (typeof error.what === 'string') return error
  } catch {
    // No JSON of ours: the status alone says what there is to say.
  }
  if (response.status === 401 || response.status === 403) {
    return { code: 'signed-out', what: 'this page is signed out', why: 'its session has ended', next: 'whs inspect' }
  }
  return { code: 'http', what: `whs answered ${response.status}`, next: 'whs doctor' }
}

/** What to tell of any error. */
export function failureFrom(error: unknown): Failure {
  return error instanceof CallError ? error.failure : { code: 'fault', what: (error as Error).message }
}
