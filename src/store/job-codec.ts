import type { Job } from './writer.ts'

/** Jobs on their way to the thread: plain data as one JSON text, bytes side by side in one buffer that moves there. */
export interface PackedJobs {
  text: string
  bytes: ArrayBuffer
}

/** Where the bytes of a field stand. */
interface Place {
  $bytes: [from: number, to: number]
}

/**
 * Packs jobs. A structured clone of such inputs costs several times what JSON and one copy of the bytes do. Only bytes that are
 * fields of an input itself are told apart; everything else must be plain data.
 */
export function packJobs(jobs: Job[]): PackedJobs {
  const blobs: Uint8Array[] = []
  let length = 0
  const place = (blob: Uint8Array): Place => {
    blobs.push(blob)
    length += blob.byteLength
    return { $bytes: [length - blob.byteLength, length] }
  }
  const text = JSON.stringify(jobs.map(job => ({ ...job, input: mapFields(job.input, isBytes, place) })))
  const bytes = new Uint8Array(length)
  let at = 0
  for (const blob of blobs) {
    bytes.set(blob, at)
    at += blob.byteLength
  }
  return { text, bytes: bytes.buffer }
}

/** The jobs again; their bytes are views into the one buffer. */
export function unpackJobs({ text, bytes }: PackedJobs): Job[] {
  const jobs = JSON.parse(text) as Job[]
  const view = ({ $bytes: [from, to] }: Place): Uint8Array => new Uint8Array(bytes, from, to - from)
  for (const job of jobs) job.input = mapFields(job.input, isPlace, view)
  return jobs
}

function mapFields<T>(input: unknown, test: (value: unknown) => value is T, change: (value: T) => unknown): unknown {
  if (typeof input !== 'object' || input === null) return input
  const fields = input as Record<string, unknown>
  let result = fields
  for (const name in fields) {
    const value = fields[name]
    if (!test(value)) continue
    if (result === fields) result = { ...fields }
    result[name] = change(value)
  }
  return result
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array
}

function isPlace(value: unknown): value is Place {
  return typeof value === 'object' && value !== null && '$bytes' in value
}
