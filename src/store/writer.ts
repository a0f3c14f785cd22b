import { Worker } from 'node:worker_threads'
import { exits, WhsError } from '../core/errors.ts'
import { packJobs } from './job-codec.ts'
import type { WriteName } from './ops.ts'

/** One write on its way to the thread, and what comes back. */
export interface Job {
  id: number
  name: WriteName
  input: unknown
}
export interface JobResult {
  id: number
  value?: unknown
  error?: JobError
}
export interface JobError {
  message: string
  code?: string
  exit?: number
  why?: string
  next?: string
}

/** The main thread's side of the writer thread. */
export interface Writer {
  /** Resolves when the group that the write is in was committed and synced. */
  run(name: WriteName, input: unknown): Promise<unknown>
  close(): Promise<void>
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** The built file, from here as from `src/` (where tests run): Node 20 can start no thread from TypeScript. */
const threadFile = new URL('../../dist/store/writer-thread.js', import.meta.url)

/**
 * Starts the writer thread of a data directory. What comes while it commits waits here and travels in one message, as the
 * next group. `onLost` is told once where the thread ends without having been closed.
 */
export async function startWriter(home: string, onLost?: (error: WhsError) => void): Promise<Writer> {
  const worker = new Worker(threadFile, { workerData: { home }, resourceLimits: { maxYoungGenerationSizeMb: 8 } })
  const waiting = new Map<number, Waiting>()
  let queue: Job[] = []
  let isCommitting = false
  let count = 0
  let closing = false
  let ended = false
  await new Promise<void>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  worker.on('message', (results: string) => {
    isCommitting = false
    flush()
    for (const { id, value, error } of JSON.parse(results) as JobResult[]) {
      const job = waiting.get(id)
      waiting.delete(id)
      if (error) job?.reject(errorOf(error))
      else job?.resolve(value)
    }
  })
  worker.on('error', failAll)
  worker.on('exit', () => failAll(new Error('the writer thread has ended')))

  function failAll(error: Error): void {
    if (!ended && !closing) onLost?.(writerLost(error))
    ended = true
    for (const job of waiting.values()) job.reject(error)
    waiting.clear()
  }

  function flush(): void {
    if (!isCommitting) send()
  }

  function send(): void {
    if (queue.length === 0) return
    isCommitting = true
    const packed = packJobs(queue)
    queue = []
    worker.postMessage(packed, [packed.bytes])
  }

  return {
    run(name, input) {
      return new Promise((resolve, reject) => {
        if (ended) return reject(new Error('the writer thread has ended'))
        const id = ++count
        waiting.set(id, { resolve, reject })
        if (queue.length === 0 && !isCommitting) setImmediate(flush)
        queue.push({ id, name, input })
      })
    },
    async close() {
      if (ended) return
      closing = true
      const gone = new Promise(resolve => worker.once('exit', resolve))
      send()
      worker.postMessage('end')
      await gone
    },
  }
}

function writerLost(cause: Error): WhsError {
  return new WhsError({
    code: 'writer-lost',
    exit: exits.fault,
    what: 'nothing can be stored any more',
    why: `the thread that writes has ended: ${cause.message}`,
    next: 'start it again; what was acknowledged is on disk, and providers send the rest again',
    cause,
  })
}

function errorOf(error: JobError): Error {
  if (error.exit === undefined) return Object.assign(new Error(error.message), { code: error.code })
  const { message, code, exit, why, next } = error
  return new WhsError({
    code: code ?? 'store',
    exit: exit ?? exits.fault,
    what: message,
    ...(why ? { why } : {}),
    ...(next ? { next } : {}),
  })
}
