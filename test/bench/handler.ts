import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { nowMs } from './clock.ts'
import { readMark } from './deliveries.ts'

/** What came in answer to `expect`. */
export interface HandlerReport {
  arrived: number
  /** Came a second time. */
  repeated: number
  /** Came behind a later one of the same tenant. */
  inversions: number
  firstAt: number
  lastAt: number
  /** When each came, by its number less the first one's. */
  at: number[]
}

/**
 * The builder's handler, and who counts. Answers at once, or (`hang`) never. Told `{ expect, first }` it counts deliveries
 * from that number on, says now and then how many `arrived`, and gives its `report` when all are here or ten seconds pass
 * without one.
 */
const [wantedPort = '0', mode] = process.argv.slice(2)
const quietMs = 10_000
let expected: { expect: number; first: number } | undefined
let report: HandlerReport = emptyReport()
let latest = new Map<string, number>()
let told = 0
let movedAt = 0

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', chunk => chunks.push(chunk as Buffer))
  request.on('end', () => {
    if (mode !== 'hang') response.writeHead(200, { 'content-length': 0 }).end()
    count(Buffer.concat(chunks).toString())
  })
})

function count(body: string): void {
  const mark = readMark(body)
  if (!expected || !mark || mark.index < expected.first) return
  movedAt = nowMs()
  const place = mark.index - expected.first
  if (report.at[place] !== undefined) {
    report.repeated++
    return
  }
  report.at[place] = movedAt
  if (report.arrived++ === 0) report.firstAt = movedAt
  report.lastAt = movedAt
  const before = latest.get(mark.account) ?? -1
  if (mark.index < before) report.inversions++
  else latest.set(mark.account, mark.index)
  if (report.arrived === expected.expect) finish()
}

function finish(): void {
  process.send?.({ arrived: report.arrived })
  process.send?.({ report })
  expected = undefined
}

function emptyReport(): HandlerReport {
  return { arrived: 0, repeated: 0, inversions: 0, firstAt: 0, lastAt: 0, at: [] }
}

setInterval(() => {
  if (!expected) return
  if (report.arrived !== told) process.send?.({ arrived: (told = report.arrived) })
  if (nowMs() - movedAt > quietMs) finish()
}, 10)

process.on('message', (message: { expect: number; first: number }) => {
  expected = message
  report = emptyReport()
  latest = new Map()
  told = 0
  movedAt = nowMs()
  process.send?.({ expecting: message.expect })
})
// What a tool loses is never the handler's fault: many may connect at once, and no connection is closed for being idle.
server.keepAliveTimeout = 0
const place = { port: Number(wantedPort), host: '127.0.0.1', backlog: 4_096 }
server.listen(place, () => process.send?.({ port: (server.address() as AddressInfo).port }))
