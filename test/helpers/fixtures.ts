import type { Buffer } from 'node:buffer'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RawHeaders } from '../../src/core/headers.ts'

/** A delivery of `fixtures/<id>/deliveries.json` with its exact bytes. See fixtures/README.md. */
export interface DeliveryFixture {
  name: string
  file: string
  method: string
  headers: RawHeaders
  body: Buffer
  secrets: Record<string, string>
  witness: { published: boolean; source: string; version: string; how: string }
  expect:
    | { outcome: 'accepted'; status: number; items: object[] }
    | { outcome: 'rejected'; status: number; reason: string }
}

export interface SampleFixture {
  shape: string
  event: string
  headers: RawHeaders
  body: Buffer
}

export function fixtureDir(id: string): string {
  return new URL(`../../fixtures/${id}/`, import.meta.url).pathname
}

export function deliveryFixtures(id: string): DeliveryFixture[] {
  const dir = fixtureDir(id)
  const list = readJson<{ secrets: Record<string, string>; deliveries: DeliveryFixture[] }>(
    join(dir, 'deliveries.json'),
  )
  return list.deliveries.map(entry => ({
    ...entry,
    method: entry.method ?? 'POST',
    secrets: entry.secrets ?? list.secrets,
    body: readFileSync(join(dir, entry.file)),
  }))
}

export function sampleFixtures(id: string): SampleFixture[] {
  const dir = join(fixtureDir(id), 'samples')
  const headers = readJson<RawHeaders>(join(dir, 'headers.json'))
  const shapes = readdirSync(dir, { withFileTypes: true }).filter(entry => entry.isDirectory())
  return shapes.flatMap(({ name: shape }) =>
    readdirSync(join(dir, shape)).map(file => ({
      shape,
      event: file.replace(/\.json$/, ''),
      headers,
      body: readFileSync(join(dir, shape, file)),
    })),
  )
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T
}
