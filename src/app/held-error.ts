import { exits, WhsError } from '../core/errors.ts'
import type { App } from './app.ts'
import { probeAnswer, probePath } from './public-url.ts'

/** That another listener holds this store, and which. */
export async function heldError(app: App): Promise<WhsError> {
  const row = await app.store().read('readListener')
  return new WhsError({
    code: 'listening',
    exit: exits.held,
    what: 'another listener holds this store',
    why: row?.pid
      ? `process ${row.pid} listens at ${row.publicUrl || `port ${row.port}`}`
      : 'a whs process is just starting',
    next: 'whs events --follow   (shows what comes; or end that one, or use another WHS_HOME)',
  })
}

/** The same error, which says so where it is a listener of another data directory that has the port. */
export async function namedPortHolder(app: App, port: number, error: unknown): Promise<unknown> {
  if (!(error instanceof WhsError) || error.code !== 'port-taken') return error
  const url = `http://127.0.0.1:${port}${probePath}who`
  const answer = await app.http({ method: 'GET', url, timeoutMs: 1_000, maxBytes: 100 }).catch(() => null)
  if (answer?.body.toString() !== probeAnswer) return error
  const { code, exit, message: what, next = '' } = error
  const why = `a listener of another data directory (WHS_HOME) has it; this one is ${app.surroundings.home}`
  return new WhsError({ code, exit, what, why, next, cause: error })
}
