import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { WhsError } from '../core/errors.ts'
import { type Db, openDatabase } from './database.ts'
import { type PackedJobs, unpackJobs } from './job-codec.ts'
import { writes } from './ops.ts'
import type { Job, JobError, JobResult } from './writer.ts'

/**
 * The writer thread: takes everything that has queued up, commits it as one transaction, then answers. Each write has
 * a savepoint, so a bad one fails alone; a failed COMMIT fails its whole group.
 */
const port = parentPort as NonNullable<typeof parentPort>
const db: Db = openDatabase({ home: (workerData as { home: string }).home, now: Date.now })
let configVersion = ''

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
  if (!ending) return
  db.raw.close()
  port.close()
})
port.postMessage('ready')

function commit(jobs: Job[]): JobResult[] {
  try {
    db.raw.exec('BEGIN IMMEDIATE')
    dropStaleCache()
    const results = jobs.map(runJob)
    db.raw.exec('COMMIT')
    configVersion = readConfigVersion()
    return results
  } catch (error) {
    db.cache.clear()
    if (db.raw.inTransaction) db.raw.exec('ROLLBACK')
    const fault = errorParts(error)
    return jobs.map(({ id }) => ({ id, error: fault }))
  }
}

/** What is remembered of mappings, secrets and rules holds only while no other process changed them. */
function dropStaleCache(): void {
  const version = readConfigVersion()
  if (version !== configVersion) db.cache.clear()
  configVersion = version
}

function readConfigVersion(): string {
  return db.get<{ value: string }>("SELECT value FROM meta WHERE key = 'config_version'")?.value ?? ''
}

function runJob({ id, name, input }: Job): JobResult {
  db.run('SAVEPOINT job')
  try {
    const write = writes[name] as (db: Db, input: unknown) => unknown
    const value = write(db, input)
    db.run('RELEASE job')
    return { id, value }
  } catch (error) {
    if (!db.raw.inTransaction) throw error
    db.run('ROLLBACK TO job')
    db.run('RELEASE job')
    db.cache.clear()
    return { id, error: errorParts(error) }
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
