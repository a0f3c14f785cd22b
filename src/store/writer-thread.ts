import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { WhsError } from '../core/errors.ts'
import { configVersionOf, type Db, openDatabase } from './database.ts'
import { type PackedJobs, unpackJobs } from './job-codec.ts'
import { writes } from './ops.ts'
import { closeSearch, fillSearch } from './search-index.ts'
import type { Job, JobError, JobResult } from './writer.ts'

/**
 * The writer thread: takes everything that has queued up, commits it as one transaction, then answers. A bad write fails
 * alone: its group is rolled back and done again with a savepoint for each. A failed COMMIT fails its whole group.
 */
const port = parentPort as NonNullable<typeof parentPort>
const db: Db = openDatabase({ home: (workerData as { home: string }).home, now: Date.now })
let configVersion = -1
let idle: NodeJS.Timeout | undefined
const idleMs = 1_000
const sliceMs = 20

port.on('message', (message: PackedJobs | 'end') => {
  const jobs = message === 'end' ? [] : unpackJobs(message)
  let ending = message === 'end'
  for (;;) {
    const more = receiveMessageOnPort(port)
    if (!more) break
    if (more.message === 'end') ending = true
    else for (const job of unpackJobs(more.message as PackedJobs)) jobs.push(job)
  }
  if (jobs.length > 0) port.postMessage(JSON.stringify(commit(jobs)))
  clearTimeout(idle)
  if (!ending) {
    idle = setTimeout(fillWhileIdle, idleMs)
    return
  }
  closeSearch(db)
  db.raw.close()
  port.close()
})
port.postMessage('ready')

/** A slice at a time, so that what comes meanwhile waits for no more than one. */
function fillWhileIdle(): void {
  const isDone = fillSearch(db, { ms: sliceMs, make: false })
  idle = isDone ? undefined : setTimeout(fillWhileIdle, sliceMs)
}

function commit(jobs: Job[]): JobResult[] {
  try {
    return inTransaction(jobs, runPlain)
  } catch (error) {
    if (!(error instanceof BadJob)) return failed(jobs, error)
  }
  try {
    return inTransaction(jobs, runApart)
  } catch (error) {
    return failed(jobs, error)
  }
}

function inTransaction(jobs: Job[], run: (job: Job) => JobResult): JobResult[] {
  try {
    db.raw.exec('BEGIN IMMEDIATE')
    dropStaleCache()
    const results = jobs.map(run)
    db.raw.exec('COMMIT')
    configVersion = configVersionOf(db)
    return results
  } catch (error) {
    db.cache.clear()
    if (db.raw.inTransaction) db.raw.exec('ROLLBACK')
    throw error
  }
}

function failed(jobs: Job[], error: unknown): JobResult[] {
  const fault = errorParts(error)
  return jobs.map(({ id }) => ({ id, error: fault }))
}

/** What is remembered of mappings, secrets and rules holds only while no other process changed them. */
function dropStaleCache(): void {
  const version = configVersionOf(db)
  if (version !== configVersion) db.cache.clear()
  configVersion = version
}

/** Some job of the group went wrong by itself. */
class BadJob extends Error {}

function runPlain({ id, name, input }: Job): JobResult {
  const write = writes[name] as (db: Db, input: unknown) => unknown
  try {
    return { id, value: write(db, input) }
  } catch (cause) {
    throw new BadJob('one of the group', { cause })
  }
}

function runApart(job: Job): JobResult {
  db.run('SAVEPOINT job')
  try {
    const result = runPlain(job)
    db.run('RELEASE job')
    return result
  } catch (error) {
    const cause = error instanceof BadJob ? error.cause : error
    if (!db.raw.inTransaction) throw cause
    db.run('ROLLBACK TO job')
    db.run('RELEASE job')
    db.cache.clear()
    return { id: job.id, error: errorParts(cause) }
  }
}

function errorParts(error: unknown): JobError {
  const { message, code } = error as { message: string; code?: string }
  const parts: JobError = code === undefined ? { message } : { message, code }
  if (!(error instanceof WhsError)) return parts
  parts.exit = error.exit
  if (error.why) parts.why = error.why
  if (error.next) parts.next = error.next
  return parts
}
